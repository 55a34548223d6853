"""What a wrong configuration becomes."""

from __future__ import annotations


class ConfigError(Exception):
    """The configuration cannot be used; `sentences` say each what is wrong, where, and what to write."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences
