"""Does the agent do what it must, and leave what it must not do? Cases, what was seen of them, and how that went on."""
