"""What votes say: scores, sums, patterns, counts, copies, explanations."""
