"""How does a file of any format become documents? By one reader per format."""
