"""The speed of the main job, beside the raw limit of the libraries it uses, in the same run. `make bench`; README.md here."""
