"""What is in JSON: records, or data to be read as text?"""
