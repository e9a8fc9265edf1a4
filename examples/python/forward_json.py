"""Receives with asyncio and posts each batch of records as JSON to an HTTP server.

python forward_json.py PORT http://HOST:PORT/PATH [BATCHES]
"""

import asyncio
import json
import sys
from urllib.parse import urlsplit

import netcon


def as_json(event: netcon.Event) -> dict[str, object]:
    r = event.record
    return {
        "event": event.kind,
        "time": event.time,
        "sender": event.sender.host,
        "level": None if r is None or r.level is None else str(r.level),
        "sequence": None if r is None else r.sequence,
        "text": None if r is None else r.text,
        "count": event.count,
    }


async def post(url: str, events: list[netcon.Event]) -> None:
    to = urlsplit(url)
    assert to.hostname is not None
    body = json.dumps([as_json(event) for event in events]).encode()
    reader, writer = await asyncio.open_connection(to.hostname, to.port or 80)
    head = f"POST {to.path or '/'} HTTP/1.1\r\nHost: {to.netloc}\r\nContent-Type: application/json\r\n"
    writer.write(f"{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)
    status = await reader.readline()
    writer.close()
    if b" 2" not in status:
        print("not accepted:", status.decode("latin-1").strip(), file=sys.stderr)


async def main(port: int, url: str, batches: int = -1) -> None:
    async with await netcon.aio.listen(port) as rx:
        print("listening on", rx.address, flush=True)
        while batches != 0:
            await post(url, await rx.batch())
            batches -= 1


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2], *map(int, sys.argv[3:4])))
