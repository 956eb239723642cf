"""How is what was chosen told: as a block or a line, with what must be known of it?"""
