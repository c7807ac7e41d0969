"""IR to wire."""
