"""Why a label, how good a source, what is odd in the data."""
