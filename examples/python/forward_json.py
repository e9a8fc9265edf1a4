"""Sends every event as a line of JSON to a TCP server, with asyncio: python forward_json.py PORT HOST TCP-PORT"""

import asyncio
import sys

import netcon


async def main(port: int, host: str, tcp_port: int) -> None:
    _, writer = await asyncio.open_connection(host, tcp_port)
    async with netcon.aio.listen(port) as rx:
        print("listening on", rx.address, flush=True)
        async for event in rx:
            writer.write(event.to_json().encode() + b"\n")
            await writer.drain()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
