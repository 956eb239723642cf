"""By which stated rules does a run go on? What is searched for, what is open, and when a model goes in circles."""
