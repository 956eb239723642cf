"""Who lets the agent do what, and who goes on where it stops? The commands of people who answer for it."""
