"""A small server of its own, on top of engine and adapters."""
