"""How likely is a hit to be relevant, and what does it cost to withhold the others?"""
