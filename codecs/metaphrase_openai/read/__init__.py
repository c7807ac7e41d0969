"""Wire to IR."""
