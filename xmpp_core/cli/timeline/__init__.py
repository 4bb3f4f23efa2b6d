"""What was said over a connection: reading it from records, explaining it, showing and drawing it."""
