"""Which words of the passages that were found answer a question, and does any of them?"""
