"""Stream features, one file each. The engine in `stream` knows none of them."""
