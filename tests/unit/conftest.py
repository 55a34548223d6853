"""Fixtures of the unit tests that need a database."""

from tests.databases import url
from tests.unit.ledger_ground import connection, empty, file_store, shared, store, template

__all__ = ["connection", "empty", "file_store", "shared", "store", "template", "url"]
