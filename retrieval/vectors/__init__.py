"""Which vector does a text have, and how is it made fast and the same each time?"""
