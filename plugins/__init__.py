"""What can be attached, and how is it loaded? The tool contract."""
