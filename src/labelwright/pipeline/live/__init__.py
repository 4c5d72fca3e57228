"""What the screens show of a project at one moment."""
