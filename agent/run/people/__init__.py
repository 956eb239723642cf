"""What do people do with the runs that wait for them?"""
