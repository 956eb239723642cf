"""What is in an XML file, whatever its schema?"""
