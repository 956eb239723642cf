"""How do chunks become an index version, and a question ranked hits?"""
