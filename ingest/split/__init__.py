"""How does a document become chunks that stand for themselves?"""
