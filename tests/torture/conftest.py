"""Fixtures of the torture."""

from tests.databases import url

__all__ = ["url"]
