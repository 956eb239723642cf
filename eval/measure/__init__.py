"""How well does a version answer gold, and is a difference more than chance?"""
