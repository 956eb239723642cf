"""What is in a spreadsheet or a table of delimited values, row by row?"""
