"""What is believed before the votes, and how it is updated."""
