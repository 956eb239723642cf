"""Which chunks answer a question best, in which order, and why?"""
