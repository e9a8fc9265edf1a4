"""The speed of the Python package beside hand-written parsing, in one run.

python tests/bench/python/bench_python.py [--fast] [-o result.json]      needs pyperf; numpy if it is there
"""

from __future__ import annotations

import socket
from typing import Any

import pyperf

import netcon

HEAD = b"6,339,5140900,-,caller=T1;"
PLAIN = HEAD + b"usb 1-1: new high-speed USB device number 2 using xhci_hcd, and some more text at the end"[: 114 - len(HEAD) - 1] + b"\n"
KEYS = [b"rack", b"room", b"site", b"owner", b"model", b"serial", b"tag"]
USERDATA = PLAIN + b"".join(b" %s=value-%d\n" % (key, n) for n, key in enumerate(KEYS))
BATCH = 1000


def split(packet: bytes) -> dict[str, Any]:
    """What people write: everything into a dict."""
    header, _, body = packet.partition(b";")
    fields = header.split(b",")
    priority = int(fields[0])
    lines = body.split(b"\n")
    record: dict[str, Any] = {
        "facility": priority >> 3,
        "level": priority & 7,
        "sequence": int(fields[1]),
        "timestamp_us": int(fields[2]),
        "flag": fields[3].decode(),
        "text": lines[0].decode("utf-8", "replace"),
    }
    for field in fields[4:]:
        name, _, value = field.partition(b"=")
        record[name.decode()] = value.decode()
    return record


def split_userdata(packet: bytes) -> dict[str, Any]:
    record = split(packet)
    userdata = {}
    for line in packet.split(b"\n")[1:]:
        if line:
            key, _, value = line[1:].partition(b"=")
            userdata[key.decode()] = value.decode()
    record["userdata"] = userdata
    return record


def read_dict(loops: int, parse: Any, packet: bytes) -> float:
    start = pyperf.perf_counter()
    for _ in range(loops):
        r = parse(packet)
        r["level"], r["sequence"], r["timestamp_us"], r["text"]
    return pyperf.perf_counter() - start


def read_dict_userdata(loops: int, parse: Any, packet: bytes) -> float:
    start = pyperf.perf_counter()
    for _ in range(loops):
        r = parse(packet)
        r["level"], r["sequence"], r["timestamp_us"], r["text"]
        for pair in r["userdata"].items():
            pair
    return pyperf.perf_counter() - start


def read_record(loops: int, packet: bytes) -> float:
    decode = netcon.decode
    start = pyperf.perf_counter()
    for _ in range(loops):
        r = decode(packet)
        r.level, r.sequence, r.timestamp_us, r.text
    return pyperf.perf_counter() - start


def read_record_userdata(loops: int, packet: bytes) -> float:
    decode = netcon.decode
    start = pyperf.perf_counter()
    for _ in range(loops):
        r = decode(packet)
        r.level, r.sequence, r.timestamp_us, r.text
        for pair in r.dictionary:
            pair
    return pyperf.perf_counter() - start


def columns(loops: int, packets: list[bytes], keys: list[bytes]) -> float:
    start = pyperf.perf_counter()
    for _ in range(loops):
        netcon.decode_many(packets, keys)
    return (pyperf.perf_counter() - start) / len(packets)


def fill(sender: netcon.Sender, first: int) -> int:
    """Puts a burst into the receiver's socket buffer, outside the measured time."""
    sender.send_packets([b"6,%d,%d,-,caller=T1;" % (n, n) + PLAIN[len(HEAD) :] for n in range(first, first + BATCH)])
    return first + BATCH


def by_recvfrom(loops: int) -> float:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as rx:
        rx.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        rx.bind(("127.0.0.1", 0))
        with netcon.Sender("127.0.0.1", rx.getsockname()[1]) as tx:
            total, first = 0.0, 0
            for _ in range(loops):
                first = fill(tx, first)
                start = pyperf.perf_counter()
                for _ in range(BATCH):
                    packet, _ = rx.recvfrom(2048)
                    r = split(packet)
                    r["level"], r["sequence"], r["timestamp_us"], r["text"]
                total += pyperf.perf_counter() - start
    return total / BATCH


def by_receiver(loops: int) -> float:
    with netcon.Receiver(0, "127.0.0.1") as rx, netcon.Sender("127.0.0.1", rx.address.port) as tx:
        total, first = 0.0, 0
        for _ in range(loops):
            first = fill(tx, first)
            left = BATCH
            start = pyperf.perf_counter()
            for event in rx:
                r = event.record
                r.level, r.sequence, r.timestamp_us, r.text
                left -= 1
                if left == 0:
                    break
            total += pyperf.perf_counter() - start
    return total / BATCH


def main() -> None:
    runner = pyperf.Runner()
    plain, userdata = [bytes(bytearray(PLAIN)) for _ in range(10_000)], [bytes(bytearray(USERDATA)) for _ in range(10_000)]
    rows = [
        ("plain: split", runner.bench_time_func("split_plain", read_dict, split, PLAIN)),
        ("plain: decode", runner.bench_time_func("decode_plain", read_record, PLAIN)),
        ("plain: decode_many", runner.bench_time_func("decode_many_plain", columns, plain, [])),
        ("userdata: split", runner.bench_time_func("split_userdata", read_dict_userdata, split_userdata, USERDATA)),
        ("userdata: decode", runner.bench_time_func("decode_userdata", read_record_userdata, USERDATA)),
        ("userdata: decode_many", runner.bench_time_func("decode_many_userdata", columns, userdata, KEYS)),
        ("socket: recvfrom, split", runner.bench_time_func("recvfrom_split", by_recvfrom)),
        ("socket: Receiver", runner.bench_time_func("receiver", by_receiver)),
    ]
    if runner.args.worker:
        return
    print(f"\n{'per message':28} {'ns':>8} {'times as fast':>14}")
    base = 1.0
    for name, result in rows:
        if result is None:
            continue
        ns = result.mean() * 1e9
        if "split" in name:
            base = ns
        print(f"{name:28} {ns:8.0f} {base / ns:14.1f}")


if __name__ == "__main__":
    main()
