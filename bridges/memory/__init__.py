"""The channel `memory`: a network inside this process, for stories, for tests, and as an example of a bridge."""
