"""What is in a file that is text already?"""
