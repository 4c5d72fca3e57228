"""Layer 3: votes -> how good each source is -> posterior. One published method, one file."""
