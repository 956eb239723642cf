"""How is a model understood that names passages by numbers?"""
