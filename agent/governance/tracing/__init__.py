"""Where does each value of a call come from, and was the call asked for?"""
