"""Receives with four threads and counts the records of each level: python many_threads.py PORT SECONDS"""

import collections
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import netcon


def count(rx: netcon.Receiver) -> collections.Counter[str]:
    return collections.Counter(str(event.record.level) for event in rx.records())


def main(port: int, seconds: float) -> None:
    with netcon.Receiver(port) as rx, ThreadPoolExecutor(4) as pool:
        print("listening on", rx.address, flush=True)
        threading.Timer(seconds, rx.stop).start()
        counts = sum(pool.map(count, [rx] * 4), collections.Counter[str]())
        print(dict(counts), f"lost {rx.stats.lost}, dropped {rx.stats.dropped}")


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
