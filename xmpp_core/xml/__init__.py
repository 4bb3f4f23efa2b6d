"""The restricted XML of RFC 6120 section 11. Knows elements, never what a stream is."""
