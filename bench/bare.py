"""Bare SMTP: aiosmtplib's `sendmail` of prepared bytes over some connections, in the same kind of loop as ours; nothing else.

    python -m bench.bare PORT MAILS CONNECTIONS

Prints one JSON line: mails/s and processor seconds for each mail.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

import aiosmtplib

from bench.servers import own_cpu

#: A mail as our bridge makes it, with the same headers and parts: what differs is nothing but who made it.
MAIL = (
    b'From: "Amina \xc2\xb7 Bench" <bench@example.org>\r\nTo: reader@example.org\r\nSubject: Beloved in March?\r\n'
    b"Message-ID: <m.abcdefghijklmnopqrstuvwxyz234567@example.org>\r\nDate: Tue, 03 Mar 2026 18:02:00 +0000\r\n"
    b"Reply-To: All of Bench <bench+r.abcdefghijklmnopqrstuvwxyz234567@example.org>\r\nList-Id: <bench.example.org>\r\n"
    b"List-Post: <mailto:bench@example.org>\r\nPrecedence: list\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/alternative; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n'
    + b"A line of the contribution, as people write them, seventy characters.\r\n" * 8
    + b"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    + b"<p>A line of the contribution, as people write them, seventy char.</p>\r\n" * 10
    + b"--b--\r\n"
)


async def send(port: int, mails: int, connections: int) -> dict[str, float]:
    """Send `mails` mails; each connection takes the next number."""
    left = iter(range(mails))
    clients = [
        aiosmtplib.SMTP(hostname="127.0.0.1", port=port, use_tls=False, start_tls=False) for _ in range(connections)
    ]
    await asyncio.gather(*(client.connect() for client in clients))

    async def work(client: aiosmtplib.SMTP) -> None:
        for number in left:
            await client.sendmail(f"bench+b.{number}@example.org", [f"reader{number}@example.org"], MAIL)

    began, used = time.monotonic(), own_cpu()
    await asyncio.gather(*(work(client) for client in clients))
    took, used = time.monotonic() - began, own_cpu() - used
    for client in clients:
        client.close()
    return {"rate": mails / took, "cpu": used / mails}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(send(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))), flush=True)
