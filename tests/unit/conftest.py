"""Fixtures of the unit tests that need a database."""

from tests.databases import url
from tests.unit.ledger_ground import connection, empty, shared, store

__all__ = ["connection", "empty", "shared", "store", "url"]
