"""What is in a text or a presentation of an office suite?"""
