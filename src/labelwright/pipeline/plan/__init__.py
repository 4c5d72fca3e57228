"""What more answers would cost and bring."""
