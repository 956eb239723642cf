"""What is in an AsciiDoc file, as Markdown?"""
