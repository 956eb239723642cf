"""Which numbers, amounts, dates and times does a text name, and do two of them say the same?"""
