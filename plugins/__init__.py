"""The tool contract: what a plugin offers, and how it is loaded."""
