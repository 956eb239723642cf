"""What writes the answer: one adapter module per vendor."""
