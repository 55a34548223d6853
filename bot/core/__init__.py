"""The core: what is said, to whom, by which rules. It never names a channel."""
