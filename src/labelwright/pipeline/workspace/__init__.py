"""A project opened: its folder, settings, parts, clock."""
