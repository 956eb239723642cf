"""Which chunks hold the words of a question, and how much does each word weigh?"""
