"""What should a person know of an evaluation, on one page?"""
