"""What makes retrieval better: which settings, and which gold to tell by?"""
