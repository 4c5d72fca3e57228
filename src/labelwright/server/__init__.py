"""Layer 5: the HTTP API and the web app."""
