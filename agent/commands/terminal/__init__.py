"""What reaches a terminal, and what does it look like while work goes on?"""
