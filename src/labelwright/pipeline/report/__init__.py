"""The documentation that writes itself: a card of the data, one of the model, and the story."""
