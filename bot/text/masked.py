"""Addresses shown so that who knows one knows it again, and nobody else learns it."""

from __future__ import annotations


def masked(remote: str) -> str:
    """An address its owner knows again and nobody else learns: "c…@example.org", "+33…42"; other ids say nothing to people."""
    local, at, domain = remote.rpartition("@")
    if at and local and "." in domain:
        return f"{local[0]}…@{domain}"
    if remote.startswith("+") and remote[1:].isdigit() and len(remote) > 8:
        return f"{remote[:3]}…{remote[-2:]}"
    return ""
