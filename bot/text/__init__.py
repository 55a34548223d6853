"""Text as people write it: characters plus spans. Imports nothing of ours."""
