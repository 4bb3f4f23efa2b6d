"""The engine: streams, their negotiation and their end (RFC 6120 section 4). Knows no concrete feature."""
