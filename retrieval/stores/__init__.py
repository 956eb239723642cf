"""Where vectors live: one adapter module per engine."""
