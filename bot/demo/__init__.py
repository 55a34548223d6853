"""`filcommun demo`: a community lives for half a minute on this machine, over real sockets, without any account."""

from __future__ import annotations


def main(pace: float = 1.0, keep: bool = False) -> int:
    """Play the demo; 0 if everything arrived as the script has it, else 1. `pace` 0: as fast as it goes.

    `keep`: afterwards everything goes on running, and whoever sits here may write as each of the people.
    """
    import asyncio
    import logging

    from bot.demo.show import show

    logging.captureWarnings(True)
    try:
        return asyncio.run(show(pace, keep=keep))
    except KeyboardInterrupt:
        return 1
