"""What is in a PDF, in the order in which it is read?"""
