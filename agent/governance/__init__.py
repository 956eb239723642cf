"""What may the agent do alone, and what not?"""
