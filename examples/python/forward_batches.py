"""Posts events to an HTTP server, up to 1000 at a time: python forward_batches.py PORT URL"""

import sys
import urllib.request

import netcon


def post(url: str, events: list[netcon.AnyEvent]) -> None:
    body = "\n".join(event.to_json() for event in events) + "\n"
    request = urllib.request.Request(url, body.encode(), {"Content-Type": "application/x-ndjson"})
    urllib.request.urlopen(request, timeout=10).close()


def main(port: int, url: str) -> None:
    with netcon.Receiver(port) as rx:
        print("listening on", rx.address, flush=True)
        while events := rx.batch(max=1000, linger=1.0):
            post(url, events)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
