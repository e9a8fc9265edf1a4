# SPDX-License-Identifier: MIT
"""How much of a flood on this machine asyncio receives: python tests/bench/python/flood.py listen|protocol [BUFFER]

BUFFER: bytes that are asked of the kernel, 8 MiB unless given.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys

import netcon

TOTAL = 200_000
SENDER = f"""
import netcon, sys, time
line = b"6,%d,%d,-,caller=T1;a line of text as kernels write it\\n"
begun = time.monotonic()
with netcon.Sender("127.0.0.1", int(sys.argv[1])) as tx:
    for first in range(0, {TOTAL}, 500):
        tx.send_packets([line % (n, n) for n in range(first, first + 500)])
print({TOTAL} / (time.monotonic() - begun))
"""


class Count:
    def __init__(self) -> None:
        self.records = 0

    def __call__(self, event: netcon.AnyEvent) -> None:
        self.records += event.kind in ("record", "late")


async def flood(port: int) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(sys.executable, "-c", SENDER, str(port), stdout=subprocess.PIPE)


async def by_protocol(count: Count, buffer: int) -> bytes:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        lambda: netcon.aio.Protocol(count, buffer_bytes=buffer), ("127.0.0.1", 0)
    )
    sent, _ = await (await flood(transport.get_extra_info("sockname")[1])).communicate()
    seen = -1
    while seen != count.records:
        seen = count.records
        await asyncio.sleep(0.5)
    transport.close()
    return sent


async def by_listen(count: Count, buffer: int) -> bytes:
    async with netcon.aio.listen(0, "127.0.0.1", buffer_bytes=buffer) as rx:
        sending = asyncio.ensure_future((await flood(rx.address.port)).communicate())
        while (events := await rx.batch(1.0)) or not sending.done():
            for event in events:
                count(event)
    return (await sending)[0]


async def main(way: str, buffer: int) -> None:
    count = Count()
    sent = await {"listen": by_listen, "protocol": by_protocol}[way](count, buffer)
    print(f"{way}: {100 * count.records / TOTAL:.0f} % of {TOTAL} records, {float(sent):,.0f} packets a second")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 8 << 20))
