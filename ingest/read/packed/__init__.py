"""What is in an archive or a book, file by file?"""
