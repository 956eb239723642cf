"""What is in a LaTeX source, as Markdown?"""
