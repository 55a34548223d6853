"""What members can do: one file is one thing. `ls` is the list; the last lines of a file are all it touches."""
