#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes seed inputs for every fuzz target from the recorded data: seeds.py TESTS_DATA OUTPUT"""

import base64
import hashlib
import itertools
import json
import pathlib
import struct
import sys
from random import Random


def write(directory, content):
    directory.mkdir(parents=True, exist_ok=True)
    (directory / hashlib.sha1(content).hexdigest()[:16]).write_bytes(content)


def json_lines(path):
    for line in path.read_text(encoding="utf-8").splitlines():
        yield json.loads(line)


def corpus(data, part):
    """The rows of a part of the corpus, without its first line."""
    return itertools.islice(json_lines(data / f"corpus/{part}.jsonl"), 1, None)


# The head of the target collector with usual limits: eight senders, records of 32 KiB, 20 ms of patience; flags in front.
LIMITS = bytes.fromhex("07 ffff 03 0f ffff 1f 13 ffff ffff ff01 13 13")
# The same of the target reassembler.
LIMITS_OF_FRAGMENTS = bytes.fromhex("ff0f 03 07 ff1f 0f 07")


def frames(packets, about=None, first=False):
    """Packets as the targets of many packets read them: two bytes of size and a byte about each, before or after."""
    about_each = b"" if about is None else bytes([about])
    return b"".join(
        (about_each * first) + len(p).to_bytes(2, "little") + (about_each * (not first)) + p for p in packets
    )


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


FLAGS = [
    b"1",
    b"0",
    b"1\n",
    b"0\n",
    b"y",
    b"N",
    b"on",
    b"off",
    b"o",
    b"e",
    b"d",
    b"2",
    b"-1",
    b"-0",
    b"+1",
    b"01",
    b" 1",
    b"",
    b"yes",
    b"1x",
    b"\n",
    b"1\0",
    b"\0001",
    b"99999999999999999999",
    b"3000000000",
]
PORTS = [
    b"6666",
    b"0",
    b"65535",
    b"65536\n",
    b"0012",
    b"+5",
    b"++5",
    b"-1",
    b"0x10",
    b" 1",
    b"1 ",
    b"12a",
    b"12\0",
    b"7\n\n",
    b"99999999999999999999x",
    b"9999999999999999999x",
]
ADDRESSES = [
    b"10.0.0.2",
    b"10.0.2.15\n",
    b"0.0.0.0",
    b"fd00::2",
    b"FD00::ABCD\n",
    b"::",
    b"::1",
    b"fe80::1",
    b"fe80::1%eth0",
    b"1.2.3",
    b"1.2.3.4.5",
    b"1.2.3.4x",
    b"1.2.3.4a",
    b"1.2.3.4:5",
    b"256.1.1.1",
    b"hello",
    b"h\xffllo",
    b"::1.2.3.4:5",
    b"1:2:3:4:5:6:7:8",
    b"1:2:3:4:5:6:7::",
    b"::ffff:1.2.3.4",
    b"fe80::200:5efe:a00:1",
    b"1::2::3",
    b"12345::",
    b"01.02.03.04",
    b" 1.2.3.4",
    b"1.2.3.4\nx",
    b"::2\nx",
    b"2001:db8::0:1",
    b"0:1:0:0:2:0:0:3",
    b"::/0",
]
TEXTS_OF_FILES = [  # in the order of the target's files
    FLAGS,
    FLAGS,
    FLAGS,
    [
        b"eth0",
        b"eth1\n",
        b"eth9",
        b"br0",
        b"bond0",
        b"",
        b"\n",
        b"eth0 ",
        b"averyverylongna",
        b"averyverylongnam",
        b"averyverylongna\n",
        b"a\nb",
        b"eth0\0",
    ],
    PORTS,
    PORTS,
    ADDRESSES,
    ADDRESSES,
    [
        b"52:54:00:12:34:56",
        b"AA:bb:CC:dd:EE:ff\n",
        b"52:54:00:12:34",
        b"52:54:00:12:34:56x",
        b"52:54:00:12:34:56\nx",
        b"5:4:3:2:1:0",
        b"52-54-00-12-34-56",
    ],
    [b"52:54:00:12:34:56"],
]
KEYS = [b"a", b"b", b"with space", b"k=v", b"x" * 53, b"y" * 54, b"cpu_nr_enabled", b"msgid_enabled", b"\x01\xff"]
VALUES = [
    b"bar",
    b"bar\n",
    b"\n\n",
    b"a\nb\n",
    b"a\0b",
    b"v" * 198,
    b"v" * 199,
    b"v" * 199 + b"\n",
    b"v" * 200,
    b"v" * 201,
]
TARGETS = [
    (b"", b"@/,@10.0.0.2/"),
    (b"+", b"@/eth1,@10.0.0.2/"),
    (b"", b"@/br0,@10.0.0.2/"),
    (b"+r", b"7@fd00::1/eth0,8@fd00::2/"),
]


def directory_operations(random):
    """Operations as the target configfs reads them, most of which succeed."""

    def sized(text):
        return bytes([len(text)]) + text

    row = bytes([random.randrange(12)])
    for number in range(60):
        target = bytes([random.choice((0, 0, 0, 1, 2)) if number else 0])
        match random.randrange(18) if number else 0:
            case 0 | 1:
                row += b"\0" + target
            case 2:
                row += b"\2" + target
            case 3:
                row += b"\3" + target + sized(random.choice(KEYS))
            case 4:
                row += b"\4" + target + sized(random.choice(KEYS))
            case 5 | 6:
                row += b"\3" + target + sized(b"c") + b"\5" + target + b"\0" + sized(random.choice(VALUES))
            case 7:
                row += b"\6" + target + bytes([random.randrange(4)]) + sized(random.choice((b"1", b"0", b"on\n", b"2")))
            case 8 | 9:
                event = random.randrange(8)
                row += b"\7" + target + bytes([event]) + (bytes([random.randrange(2)]) if event in (4, 6) else b"")
            case 10:
                flags, rest = random.choice(TARGETS)
                row += b"\x08" + target + flags + rest.rjust(60 - len(flags), b"0") + b"\1\0"
            case 11 | 12 | 13:
                row += b"\x0a" + target + bytes([random.randrange(2)])
            case _:
                file = random.randrange(10)
                row += b"\x0b" + target + bytes([file]) + sized(random.choice(TEXTS_OF_FILES[file]))
    return row


def main():
    data, out = map(pathlib.Path, sys.argv[1:3])
    packets = []
    for row in corpus(data, "packets"):
        for answer in row["answers"]:
            packets += [packet.encode("latin-1") for packet in answer["packets"]]
        write(out / "escape", row["record"]["text"].encode("latin-1"))
        write(out / "escape", row["body"].encode("latin-1"))
    for path in sorted(data.glob("captures/*.jsonl")):
        if ".kmsg." in path.name or ".writes." in path.name:
            continue
        sent = [base64.b64decode(row["payload_b64"]) for row in json_lines(path) if "payload_b64" in row]
        packets += sent[:40]
    for packet in packets:
        write(out / "decode", packet)
        write(out / "c", b"\5\2" + packet)
    for start in range(0, len(packets), 8):
        some = packets[start : start + 8]
        for flags in (0, 7):
            write(out / "collector", bytes([flags]) + LIMITS + frames(some, about=1))
        write(out / "reassembler", LIMITS_OF_FRAGMENTS + frames(some, about=0x10, first=True))
        write(out / "lines", b"\0" + frames(some))
    nonce, remark = "0123456789abcdef", "netcon test asks whether this line reaches its receivers"
    probe = f"netcon-probe 1 {nonce} info: {remark}; it is no fault and needs no action"
    for text in (
        probe,
        f"[    1.000000] {probe}\n",
        f"14,1,1000000,-;{probe}\n host=web17\n",
        f"netcon-answer 1 {nonce} info seen [fd00::2]:6665 lost 3\n",
        f"netcon-opening 1 {nonce}\n",
    ):
        write(out / "probe", text.encode())
    for size in (0, 1, 700, 900, 990, 1000, 1100, 2100):
        write(out / "encode", b"\x0c" + size.to_bytes(2, "little") + b"\x04abc\n" * 20)

    for flags in range(16):
        write(out / "collector_order", bytes([flags]) + bytes(range(1, 250)))

    texts = [row["parameter"].encode("latin-1") for row in corpus(data, "parameters")]
    for text in texts:
        for kernel in (5, 7, 10, 14):
            write(out / "parse", bytes([kernel, 0]) + text)
        write(out / "vocabulary", text)
    for text in texts:
        for kernel in (0, 5, 8, 11):
            write(out / "lint", bytes([kernel, 0]) + text)
            write(out / "c", bytes([kernel % 6, 1]) + text)
        write(out / "boot_config", b"\x00quiet netconsole=" + text + b" panic=1")
        write(out / "boot_config", b"\x01options netconsole netconsole=" + text + b"\n")
        write(out / "boot_config", b'\x02GRUB_CMDLINE_LINUX="netconsole=' + text + b'"\n')
        write(out / "boot_config", b"\x03 linux /vmlinuz 'netconsole=" + text + b"'\n")
        write(out / "boot_config", b"\x04options netconsole=" + text + b"\n")
        write(out / "boot_config", b"\x05APPEND netconsole.netconsole=" + text + b"\n")
        number = 6 + len(text) % 19
        write(out / "boot_config", bytes([number]) + b'x --append="ro netconsole=' + text + b' quiet"\n')
    # A ';' outside quotes ends a command of GRUB: many of them in one word, in quotes, behind backslashes, in a variable.
    for piece in (b"@/,@10.0.0.2/;", b";", b"\\;", b"';';", b";\\\n", b"$X;a;", b"${X};"):
        word = b"netconsole=" + 40 * piece + b"@/,@10.0.0.3/"
        write(out / "boot_config", b'\x02X="b;c"\nGRUB_CMDLINE_LINUX="quiet ' + word + b' panic=1"\n')
        write(out / "boot_config", b"\x02X='b;c'\nGRUB_CMDLINE_LINUX=" + word + b"\n")
        write(out / "boot_config", b"\x03 linux /vmlinuz " + word + b" panic=1\n")
    for path in sorted(data.glob("boot_files/*.txt")):
        for case in path.read_bytes().split(b"%% file ")[1:]:
            content = case.split(b"\n", 1)[1].split(b"%% findings", 1)[0]
            for number in (len(content) % 25, 18, 23):
                write(out / "boot_config", bytes([number]) + content)
    steps = bytearray()
    for row in corpus(data, "configfs"):
        value = row.get("data", "").encode("latin-1")
        if row["op"] == "write" and len(value) < 48:
            steps += bytes([11, 0, len(steps) % 10, len(value)]) + value
    for kernel in (2, 5, 8):
        for start in range(0, len(steps), 400):
            write(out / "configfs", bytes([kernel, 0, 0]) + bytes(steps[start : start + 400]))
    random = Random(1)
    for _ in range(120):
        write(out / "configfs", directory_operations(random))
    for path in sorted(data.glob("captures/*.pcap")):
        for capture in capture_files(path.read_bytes()):
            write(out / "capture", capture)

    for path in sorted(data.glob("crashes/*.txt")):
        log = path.read_bytes()
        write(out / "text_log", b"\x40" + log)
        lines = [line.partition(b"] ")[2][:255] for line in log.splitlines() if line.startswith(b"[")]
        write(out / "crash", b"\x3f\xff\2\3" + b"".join(b"\x50\1" + bytes([len(line)]) + line for line in lines))
    for log in (
        b"Nov 28 07:40:32 web17 kernel: [    1.500000] foo\n<4>1 2026-11-28T07:40:32Z web17 kernel - - - foo\n",
        b"6,100,1000000,-,ncfrag=0/20;0123456789\nabc6,100,1000000,-,ncfrag=14/20;defghi\n6,101,1,-;a\n K=v\n",
        b'{"event":"basic","sender":"10.0.0.7","sender_port":1,"text":"[    1.500000] foo"}\n{"MESSAGE":"foo"}\n',
        b"__CURSOR=s=1\n_TRANSPORT=kernel\nMESSAGE=BUG: foo\n\nreed login: [    1.500000][   T17] foo\n",
        b"kern  :warn  : 2026-11-28T07:40:32,250000+00:00 [      T7] foo\n2026-11-28T07:40:32.250000000Z stdout F foo\n",
        b"[ 1235.000000 <    0.000004 >] web17 kernel: [    1.500000] foo\n[    1.500000] web17 cron[12]: foo\n",
        b"Sat 2026-11-28 07:40:32 +01 web17 kernel: foo\n1795851632.250000 web17 kernel: foo\n",
        "janv. 28 07:40:32 web17 kernel: foo\n11月 28 07:40:32 web17 kernel: foo\n".encode(),
        b"2026-11-28T07:40:32.250000Z ERR kernel: foo\n kernel:foo\n> | [    1.500000] foo\n9.286867] foo\n",
        b"[    1.500000s][pid:1,cpu6,init]foo\n[    1.500000] <2>-(2)[1:swapper/0]foo\n",
    ):
        write(out / "text_log", b"\7" + log)

    for text in (
        b"10.0.0.2",
        b"fd00::2",
        b"::ffff:1.2.3.4",
        b"52:54:00:12:34:56",
        b"6666",
        b"eth0",
        b"[fd00::2]:6666",
        b"10.0.0.2:6666",
        b"6.12.117+deb12-amd64",
    ):
        write(out / "vocabulary", text)


if __name__ == "__main__":
    main()
