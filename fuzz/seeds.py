#!/usr/bin/env python3
"""Writes seed inputs for every fuzz target from the recorded data: seeds.py TESTS_DATA OUTPUT"""

import base64
import hashlib
import itertools
import json
import pathlib
import struct
import sys


def write(directory, content):
    directory.mkdir(parents=True, exist_ok=True)
    (directory / hashlib.sha1(content).hexdigest()[:16]).write_bytes(content)


def json_lines(path):
    for line in path.read_text(encoding="utf-8").splitlines():
        yield json.loads(line)


def frames(packets):
    """Packets as the structured targets read them: a size of two bytes, then the packet, again and again."""
    return b"".join(len(p).to_bytes(2, "little") + p for p in packets)


def capture_files(pcap):
    """The first frames of a little-endian pcap file, in every form that a capture file has."""
    link = int.from_bytes(pcap[20:24], "little")
    frames, at = [], 24
    while at < len(pcap) and len(frames) < 4:
        size = int.from_bytes(pcap[at + 8 : at + 12], "little")
        frames.append(pcap[at + 16 : at + 16 + size])
        at += 16 + size
    for order, magic in itertools.product("<>", (0xA1B2C3D4, 0xA1B23C4D)):
        yield struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, link) + b"".join(
            struct.pack(order + "IIII", 100, 5, len(frame), len(frame)) + frame for frame in frames
        )

    def block(order, kind, body):
        body += bytes(-len(body) % 4)
        return struct.pack(order + "II", kind, len(body) + 12) + body + struct.pack(order + "I", len(body) + 12)

    packet_heads = {
        2: lambda order, size: struct.pack(order + "HHIIII", 0, 0, 0, 7, size, size),
        3: lambda order, size: struct.pack(order + "I", size),
        6: lambda order, size: struct.pack(order + "IIIII", 0, 0, 7, size, size),
    }
    for order, (kind, head) in itertools.product("<>", packet_heads.items()):
        yield (
            block(order, 0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1))
            + block(order, 1, struct.pack(order + "HHI", link, 0, 0) + struct.pack(order + "HHB3x", 9, 1, 9) + bytes(4))
            + b"".join(block(order, kind, head(order, len(frame)) + frame) for frame in frames)
        )


def main():
    data, out = map(pathlib.Path, sys.argv[1:3])
    packets = []
    for row in json_lines(data / "vectors/wire_vectors.jsonl"):
        if "packets" not in row:
            continue
        sent = [base64.b64decode(p) for p in row["packets"]]
        packets += sent
        text = base64.b64decode(row["record"]["text_b64"])
        write(out / "escape", text)
        write(out / "escape", row["body"].encode("latin-1"))
    captures = sorted(data.glob("captures/*.jsonl"))
    for path in captures:
        if ".kmsg." in path.name or ".writes." in path.name:
            continue
        sent = [base64.b64decode(row["payload_b64"]) for row in json_lines(path) if "payload_b64" in row]
        packets += sent[:40]
    for packet in packets:
        write(out / "decode", packet)
    for start in range(0, len(packets), 8):
        some = packets[start : start + 8]
        write(out / "collector", bytes(16) + frames(some))
        write(out / "reassembler", frames(some))
        write(out / "lines", b"\0" + frames(some))
    for size in (0, 1, 700, 900, 990, 1000, 1100, 2100):
        write(out / "encode", b"\x0c" + size.to_bytes(2, "little") + b"\x04abc\n" * 20)

    for flags in range(16):
        write(out / "collector_order", bytes([flags]) + bytes(range(1, 250)))

    texts = [row["s"].encode("latin-1", "replace") for row in json_lines(data / "vectors/param_vectors.jsonl") if "s" in row]
    for text in texts:
        for kernel in (5, 7, 10, 14):
            write(out / "parse", bytes([kernel, 0]) + text)
        write(out / "vocabulary", text)
    for text in texts:
        for kernel in (0, 5, 8, 11):
            write(out / "lint", bytes([kernel, 0]) + text)
        write(out / "cmdline", b"\x00quiet netconsole=" + text + b" panic=1")
        write(out / "cmdline", b"\x01options netconsole netconsole=" + text + b"\n")
        write(out / "cmdline", b"\x02GRUB_CMDLINE_LINUX=\"netconsole=" + text + b"\"\n")
        write(out / "cmdline", b"\x03 linux /vmlinuz 'netconsole=" + text + b"'\n")
        write(out / "cmdline", b"\x04options netconsole=" + text + b"\n")
        write(out / "cmdline", b"\x05APPEND netconsole.netconsole=" + text + b"\n")
    for number, name in enumerate(("61", "612", "new")):
        steps = bytearray()
        script = bytearray([number, 0])
        for row in json_lines(data / f"vectors/configfs_{name}.jsonl"):
            path = row.get("path", "")
            value = row.get("data", "").encode("latin-1", "replace")
            if row["op"] in ("mkdir", "rmdir"):
                script += f"{row['op']} '{path}'\n".encode("latin-1", "replace")
            if row["op"] == "write" and len(value) < 48:
                script += b"echo '" + value.strip(b"\n") + f"' > '{path}'\n".encode("latin-1", "replace")
                steps += bytes([11, 0, len(steps) % 10, len(value)]) + value
        write(out / "simulate", bytes(script))
        for start in range(0, len(steps), 400):
            write(out / "configfs", bytes([2 + 3 * number, 0, 0]) + bytes(steps[start : start + 400]))
    for path in captures:
        if ".kmsg." not in path.name and ".writes." not in path.name:
            write(out / "capture", b"\n".join(path.read_bytes().splitlines()[:8]) + b"\n")
    for path in sorted(data.glob("captures/*.pcap")):
        for capture in capture_files(path.read_bytes()):
            write(out / "capture", capture)

    for text in (b"10.0.0.2", b"fd00::2", b"::ffff:1.2.3.4", b"52:54:00:12:34:56", b"6666", b"eth0",
                 b"[fd00::2]:6666", b"10.0.0.2:6666", b"6.12.117+deb12-amd64"):
        write(out / "vocabulary", text)


if __name__ == "__main__":
    main()
