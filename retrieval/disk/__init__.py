"""What does a file keep whatever happens to the machine, and is there room for it?"""
