"""What is in a mail, or in a box of them?"""
