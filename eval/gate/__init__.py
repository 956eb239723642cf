"""May this version be served, and who decides so?"""
