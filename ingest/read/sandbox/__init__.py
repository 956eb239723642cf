"""How is a file read that may do harm: by a process that can do little?"""
