"""Files become documents, and documents become chunks."""
