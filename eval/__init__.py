"""Is this retrieval good enough to answer from?"""
