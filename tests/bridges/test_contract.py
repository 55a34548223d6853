"""Every folder in bridges/ keeps the contract."""

import pytest

from bot.config import channels
from tests.bridges.contract import Contract


@pytest.fixture(params=channels.names())
def channel(request):
    return channels.channel(request.param)


class TestEveryBridge(Contract):
    """The same promises, whatever the network."""
