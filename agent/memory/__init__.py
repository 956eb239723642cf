"""What is known from before? What was said in a conversation, folded from the journal."""
