"""What is in a web page, as Markdown?"""
