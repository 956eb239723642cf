"""Which files are to be read, and under which names?"""
