"""How does a question become an answer, governed and recorded?"""
