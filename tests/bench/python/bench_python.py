"""The processor time of the Python package beside hand-written parsing, in one run.

python tests/bench/python/bench_python.py [--fast] [-o result.json]      needs pyperf; numpy if it is there
"""

from __future__ import annotations

import socket
import time
from typing import Any

import netcon
import pyperf

HEAD = b"6,339,5140900,-,caller=T1;"
PLAIN = (
    HEAD
    + b"usb 1-1: new high-speed USB device number 2 using xhci_hcd, and some more text at the end"[
        : 114 - len(HEAD) - 1
    ]
    + b"\n"
)
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
    start = time.process_time()
    for _ in range(loops):
        r = parse(packet)
        r["level"], r["sequence"], r["timestamp_us"], r["text"]
    return time.process_time() - start


def read_dict_userdata(loops: int, parse: Any, packet: bytes) -> float:
    start = time.process_time()
    for _ in range(loops):
        r = parse(packet)
        r["level"], r["sequence"], r["timestamp_us"], r["text"]
        for pair in r["userdata"].items():
            pair
    return time.process_time() - start


def read_record(loops: int, packet: bytes) -> float:
    decode = netcon.decode
    start = time.process_time()
    for _ in range(loops):
        r = decode(packet)
        r.level, r.sequence, r.timestamp_us, r.text
    return time.process_time() - start


def read_record_userdata(loops: int, packet: bytes) -> float:
    decode = netcon.decode
    start = time.process_time()
    for _ in range(loops):
        r = decode(packet)
        r.level, r.sequence, r.timestamp_us, r.text
        for pair in r.dictionary:
            pair
    return time.process_time() - start


def columns(loops: int, packets: list[bytes], keys: list[bytes]) -> float:
    start = time.process_time()
    for _ in range(loops):
        netcon.decode_many(packets, keys)
    return time.process_time() - start


def columns_and_texts(loops: int, packets: list[bytes], keys: list[bytes]) -> float:
    """As columns, and every text made."""
    start = time.process_time()
    for _ in range(loops):
        found = netcon.decode_many(packets, keys)
        for name in ["text", *keys]:
            found[name] = found[name].tolist()
    return time.process_time() - start


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
                start = time.process_time()
                for _ in range(BATCH):
                    packet, _ = rx.recvfrom(2048)
                    r = split(packet)
                    r["level"], r["sequence"], r["timestamp_us"], r["text"]
                total += time.process_time() - start
    return total


def by_receiver(loops: int) -> float:
    with netcon.Receiver(0, "127.0.0.1") as rx, netcon.Sender("127.0.0.1", rx.address.port) as tx:
        total, first = 0.0, 0
        for _ in range(loops):
            first = fill(tx, first)
            left = BATCH
            start = time.process_time()
            for event in rx:
                r = event.record
                r.level, r.sequence, r.timestamp_us, r.text
                left -= 1
                if left == 0:
                    break
            total += time.process_time() - start
    return total


def main() -> None:
    runner = pyperf.Runner()
    many = 10_000
    plain, userdata = ([bytes(bytearray(one)) for _ in range(many)] for one in (PLAIN, USERDATA))

    def bench(name: str, function: Any, *arguments: Any, messages: int = 1) -> tuple[str, Any]:
        return name, runner.bench_time_func(name, function, *arguments, inner_loops=messages)

    rows = [
        bench("plain: split", read_dict, split, PLAIN),
        bench("plain: decode", read_record, PLAIN),
        bench("plain: decode_many", columns, plain, [], messages=many),
        bench("plain: decode_many, texts made", columns_and_texts, plain, [], messages=many),
        bench("userdata: split", read_dict_userdata, split_userdata, USERDATA),
        bench("userdata: decode", read_record_userdata, USERDATA),
        bench("userdata: decode_many", columns, userdata, KEYS, messages=many),
        bench("userdata: decode_many, texts made", columns_and_texts, userdata, KEYS, messages=many),
        bench("socket: recvfrom, split", by_recvfrom, messages=BATCH),
        bench("socket: Receiver", by_receiver, messages=BATCH),
    ]
    if runner.args.worker:
        return
    print(f"\n{'per message':34} {'ns':>8} {'times as fast':>14}")
    base = 1.0
    for name, result in rows:
        if result is None:
            continue
        ns = result.mean() * 1e9
        if "split" in name:
            base = ns
        print(f"{name:34} {ns:8.0f} {base / ns:14.1f}")


if __name__ == "__main__":
    main()
