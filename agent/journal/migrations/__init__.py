"""How does a journal of an earlier Citewell become one of today?"""
