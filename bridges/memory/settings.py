"""The section [memory] of the configuration: empty. Without it the channel is off, as every channel is."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class MemorySettings(BaseModel):
    """A network inside this process: nobody outside can reach it."""

    # No setting, so that neither the example configuration nor the manual mentions a channel operators have no use for.
    model_config = ConfigDict(extra="forbid", frozen=True)
