"""What a user holds in Python: a project and its properties."""
