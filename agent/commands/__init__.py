"""What can be typed? A module for each subject; what is heavy is imported inside the commands."""
