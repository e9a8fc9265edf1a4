# SPDX-License-Identifier: MIT
"""The processor time of the Python package beside hand-written parsing, in one run.

python tests/bench/python/bench_python.py --quick                        the least of seven runs
python tests/bench/python/bench_python.py [--fast] [-o result.json]      by pyperf
"""

from __future__ import annotations

import json
import resource
import socket
import sys
import time
from typing import Any

import netcon

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


def keep_dict(loops: int, packets: list[bytes]) -> float:
    start = time.process_time()
    for _ in range(loops):
        kept = []
        for packet in packets:
            kept.append(split_userdata(packet))
    return time.process_time() - start


def keep_record(loops: int, packets: list[bytes]) -> float:
    """Every field that split_userdata() finds, read and kept beside the record."""
    decode = netcon.decode
    start = time.process_time()
    for _ in range(loops):
        kept = []
        for packet in packets:
            r = decode(packet)
            kept.append((r, r.facility, r.level, r.sequence, r.timestamp_us, r.flag, r.caller, r.text, r.userdata))
    return time.process_time() - start


def level_and_text_of_dict(loops: int, packet: bytes) -> float:
    start = time.process_time()
    for _ in range(loops):
        r = split(packet)
        r["level"], r["text"]
    return time.process_time() - start


def level_and_text(loops: int, packet: bytes) -> float:
    decode = netcon.decode
    start = time.process_time()
    for _ in range(loops):
        r = decode(packet)
        r.level, r.text
    return time.process_time() - start


def event_of(packet: bytes) -> Any:
    (event,) = netcon.Collector().push(("10.0.0.1", 6665), packet, 1_700_000_000.25)
    return event


def json_by_hand(loops: int, packet: bytes) -> float:
    """json.dumps of a dict of the members that docs/json.md has, of a record that was decoded before."""
    event, dumps = event_of(packet), json.dumps
    start = time.process_time()
    for _ in range(loops):
        r = event.record
        dumps(
            {
                "event": event.kind,
                "time": event.datetime.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
                "sender": event.sender.host,
                "sender_port": event.sender.port,
                "facility": r.facility,
                "level": int(r.level),
                "sequence": r.sequence,
                "timestamp_us": r.timestamp_us,
                "flag": r.flag,
                "caller": r.caller,
                "text": r.text,
                "dictionary": [[key.decode(), value.decode()] for key, value in r.dictionary],
            }
        )
    return time.process_time() - start


def json_of_a_dict(loops: int, packet: bytes) -> float:
    """json.dumps alone, of a dict that is there."""
    made, dumps = event_of(packet).to_dict(), json.dumps
    start = time.process_time()
    for _ in range(loops):
        dumps(made)
    return time.process_time() - start


def json_by_netcon(loops: int, packet: bytes) -> float:
    event = event_of(packet)
    start = time.process_time()
    for _ in range(loops):
        event.to_json()
    return time.process_time() - start


def bytes_of_a_kept_event() -> float:
    """What the process grows by for each of 200,000 events of a Receiver's kind, each with a packet of its own."""
    packets = (b"6,%d,%d,-,caller=T1;" % (n, n) + PLAIN[len(HEAD) :] for n in range(200_000))
    collector = netcon.Collector()

    def resident() -> int:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * resource.getpagesize()

    before, kept = resident(), []
    for packet in packets:
        kept += collector.push(("10.0.0.1", 6665), packet, 1.0)
    return (resident() - before) / len(kept)


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


def cases() -> list[tuple[str, int, Any, tuple[Any, ...]]]:
    """What is measured: a name, messages in one loop, the function and its arguments. What netcon is compared with has
    split in its name, and comes first."""
    many = 10_000
    plain, userdata = ([bytes(bytearray(one)) for _ in range(many)] for one in (PLAIN, USERDATA))
    return [
        ("plain: split", 1, read_dict, (split, PLAIN)),
        ("plain: decode", 1, read_record, (PLAIN,)),
        ("plain: decode_many", many, columns, (plain, [])),
        ("plain: decode_many, texts made", many, columns_and_texts, (plain, [])),
        ("userdata: split", 1, read_dict_userdata, (split_userdata, USERDATA)),
        ("userdata: decode", 1, read_record_userdata, (USERDATA,)),
        ("userdata: decode_many", many, columns, (userdata, KEYS)),
        ("userdata: decode_many, texts made", many, columns_and_texts, (userdata, KEYS)),
        ("all fields, kept: split", many, keep_dict, (userdata,)),
        ("all fields, kept: decode", many, keep_record, (userdata,)),
        ("level and text: split", 1, level_and_text_of_dict, (PLAIN,)),
        ("level and text: decode", 1, level_and_text, (PLAIN,)),
        ("JSON: a dict by hand, json.dumps (split)", 1, json_by_hand, (USERDATA,)),
        ("JSON: json.dumps of a dict that is there", 1, json_of_a_dict, (USERDATA,)),
        ("JSON: to_json", 1, json_by_netcon, (USERDATA,)),
        ("socket: recvfrom, split", BATCH, by_recvfrom, ()),
        ("socket: Receiver", BATCH, by_receiver, ()),
    ]


def quick(messages: int, function: Any, arguments: tuple[Any, ...]) -> float:
    """Seconds of processor time per message, the least of seven runs of a tenth of a second."""
    loops = 1
    while function(loops, *arguments) < 0.02:
        loops *= 4
    loops *= 5
    return min(function(loops, *arguments) for _ in range(7)) / loops / messages


def main() -> None:
    if sys.argv[1:] == ["--quick"]:
        rows = [(name, quick(messages, function, arguments)) for name, messages, function, arguments in cases()]
    else:
        import pyperf

        runner = pyperf.Runner()
        results = [
            (name, runner.bench_time_func(name, function, *arguments, inner_loops=messages))
            for name, messages, function, arguments in cases()
        ]
        if runner.args.worker:
            return
        rows = [(name, result.mean()) for name, result in results if result is not None]
    print(f"bytes of a kept event of {len(PLAIN)} bytes: {bytes_of_a_kept_event():.0f}")
    print(f"\n{'per message':42} {'ns':>8} {'times as fast':>14}")
    base = 1.0
    for name, seconds in rows:
        if "split" in name:
            base = seconds
        print(f"{name:42} {seconds * 1e9:8.0f} {base / seconds:14.1f}")


if __name__ == "__main__":
    main()
