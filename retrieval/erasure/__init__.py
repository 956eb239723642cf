"""What is erased for good, out of every file, and how is that proven?"""
