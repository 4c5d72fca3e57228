"""Rules without code, and what each would do before it is saved."""
