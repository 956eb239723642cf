"""What happened in every run, and is the record whole?"""
