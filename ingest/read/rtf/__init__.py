"""What is in an RTF file?"""
