"""How do files become documents, and documents chunks?"""
