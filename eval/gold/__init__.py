"""Which questions are asked of an index, and where do their answers stand?"""
