"""Where do vectors live? One adapter module per engine."""
