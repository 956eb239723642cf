"""Which versions of an index does a home hold, and which of them is served?"""
