"""The desk: people, sessions, questions and answers as they come in (SQL)."""
