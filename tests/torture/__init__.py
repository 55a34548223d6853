"""The real program under load, killed, starved and lied to; counted at the sandboxes, not in our store."""
