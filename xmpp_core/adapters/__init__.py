"""Where the engine meets the network: the only room that waits."""
