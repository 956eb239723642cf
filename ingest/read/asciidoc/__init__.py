"""How does AsciiDoc become Markdown?"""
