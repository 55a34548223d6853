"""What people type: each command declared once, one grammar for every channel, the words people read."""
