"""How is what was read written as Markdown: rows, paragraphs, fences?"""
