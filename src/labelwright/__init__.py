"""Raw data and rules in; a versioned, explained, costed training set and a model out."""
