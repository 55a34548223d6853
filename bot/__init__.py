"""The community: what is said, to whom, by which rules."""
