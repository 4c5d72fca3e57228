"""Files, locks and tables on disk, and what can go wrong with them."""
