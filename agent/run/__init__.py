"""How does a question become an answer, step by step?"""
