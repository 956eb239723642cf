"""What writes the answer? One adapter module per vendor."""
