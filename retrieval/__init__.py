"""Chunks become an index version, and a question becomes ranked hits."""
