"""Items: their columns, media, rejected rows, arrived files."""
