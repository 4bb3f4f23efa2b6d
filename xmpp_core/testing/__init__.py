"""For testing what is built on the engine: pairs in memory, scenarios, chunking, recorded runs."""
