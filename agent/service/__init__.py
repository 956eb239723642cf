"""How are questions asked over HTTP?"""
