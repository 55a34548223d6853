"""The channels: each folder here is one. A folder `bridges` elsewhere on Python's path may hold more."""

from pkgutil import extend_path

__path__ = extend_path(__path__, __name__)
