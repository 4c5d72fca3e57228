"""What travels over the wire: requests and answers as JSON, checked by pydantic."""
