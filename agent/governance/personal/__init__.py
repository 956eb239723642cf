"""Which personal data stands in a text, and how is it kept from those who need not read it?"""
