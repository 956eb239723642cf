"""What may an answer rest on, and does it bear out what is said?"""
