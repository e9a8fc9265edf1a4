# SPDX-License-Identifier: MIT
"""examples/wireshark/netconsole.lua in tshark, against the kernels' own logs and the packets taken apart here."""

import base64
import collections
import json
import os
import pathlib
import re
import shutil
import struct
import subprocess

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
CAPTURES = TOP / "tests/data/captures"
SCRIPT = TOP / "examples/wireshark/netconsole.lua"
INDEX = CAPTURES.parent / "corpus/captures.jsonl"
TARGETS = {row["capture"]: row["targets"] for row in map(json.loads, INDEX.read_text().splitlines()[1:])}
NAMES = sorted(TARGETS)
SYSDATA = ["cpu", "taskname", "release", "msgid"]


def obstacle():
    """Why the script cannot be tried here."""
    if shutil.which("tshark") is None:
        return "needs tshark"
    # Wireshark 4.4 runs no scripts as root.
    if os.geteuid() == 0:
        command = [
            "tshark",
            "-X",
            f"lua_script:{SCRIPT}",
            "-r",
            CAPTURES / "ext_new.pcap",
            "-c",
            "1",
            "-Y",
            "netconsole",
        ]
        known = subprocess.run(command, capture_output=True, timeout=100)
        if known.returncode != 0 and b"Lua" not in known.stderr:
            return "this tshark runs no scripts as root"
    return None


REASON = obstacle()
pytestmark = pytest.mark.skipif(REASON is not None, reason=str(REASON))


def values(layer, name):
    """The values of a field of a packet; of fields with children too."""
    found = layer.get(name, [])
    return found if isinstance(found, list) else [found]


def tshark(capture, *arguments, ports=()):
    """The netconsole layer of each packet, in both passes."""
    command = ["tshark", "-2", "-n", "-X", f"lua_script:{SCRIPT}", "-r", capture, "-T", "json", "--no-duplicate-keys"]
    for port in ports:
        command += ["-d", f"udp.port=={port},netconsole"]
    done = subprocess.run([*command, *arguments], capture_output=True, timeout=100, check=True)
    assert b"Lua" not in done.stderr, done.stderr
    packets = json.loads(done.stdout.decode("utf-8", "replace") or "[]")
    return [packet["_source"]["layers"] for packet in packets]


def expert_names(layer):
    """What a layer reports, anywhere in it."""
    if isinstance(layer, list):
        return set().union(*map(expert_names, layer))
    if not isinstance(layer, dict):
        return set()
    names = {name for name in layer if name.startswith("netconsole.") and layer[name] in ("", None)}
    return names.union(*map(expert_names, layer.values()))


def port_of(layers):
    return int(layers["udp"]["udp.dstport"])


def pcaps(name):
    return sorted(
        path for path in CAPTURES.glob(f"{name}*.pcap") if re.fullmatch(rf"{name}(_boot\d)?\.pcap", path.name)
    )


class Packet:
    """A packet taken apart by plain string handling."""

    def __init__(self, source, payload):
        head, _, body = payload.partition(b";")
        match = re.match(rb"(?:([^,;]*),)??(\d+),(\d+),(\d+),([-c+])((?:,[^,;]*)*)$", head)
        self.extended = match is not None
        self.source, self.payload, self.body = source, payload, body
        if self.extended:
            release, priority, sequence, timestamp, self.flag, rest = match.groups()
            self.release = release
            self.priority, self.sequence, self.timestamp = int(priority), int(sequence), int(timestamp)
            fields = dict(field.split(b"=", 1) for field in rest[1:].split(b",") if b"=" in field)
            self.caller = fields.get(b"caller")
            self.fragment = tuple(map(int, fields[b"ncfrag"].split(b"/"))) if b"ncfrag" in fields else None

    def identity(self):
        return self.source, self.sequence, self.timestamp


def sent(name):
    """The packets of each port."""
    packets = collections.defaultdict(list)
    for line in (CAPTURES / f"{name}.jsonl").read_text().splitlines():
        row = json.loads(line)
        packets[row["dport"]].append(Packet(row["src"], base64.b64decode(row["payload_b64"])))
    return packets


def truth(name):
    for line in (CAPTURES / f"{name}.kmsg.jsonl").read_text().splitlines():
        row = json.loads(line)
        head, _, body = row["raw"].partition(";")
        text, *lines = body.rstrip("\n").split("\n")
        priority, sequence, timestamp, flag, *rest = head.split(",")
        caller = next((field[7:] for field in rest if field.startswith("caller=")), None)
        yield {
            "id": (int(sequence), int(timestamp)),
            "priority": int(priority),
            "flag": flag,
            "caller": caller,
            "text": text,
            "dictionary": [line[1:] for line in lines],
        }


def as_text(data):
    return data.decode("utf-8", "replace")


def whole_bodies(packets):
    """The bodies of the extended records of a port, fragments put together."""
    bodies, parts = [], {}
    for packet in packets:
        if packet.fragment is None:
            bodies.append((packet, packet.body))
            continue
        offset, total = packet.fragment
        known = parts.setdefault((*packet.identity(), total), {})
        known[offset] = packet.body
        if sum(map(len, known.values())) == total:
            bodies.append((packet, b"".join(body for _, body in sorted(known.items()))))
            del parts[(*packet.identity(), total)]
    assert not parts
    return bodies


def lines_of(body):
    """The text, and the lines after it."""
    text, _, rest = body.partition(b"\n")
    lines = [line.removeprefix(b" ") for line in rest.removesuffix(b"\n").split(b"\n")] if rest else []
    return text.removesuffix(b"\0"), lines


def shown_lines(layer):
    sysdata = [f"{key}={value}" for key in SYSDATA for value in values(layer, f"netconsole.sysdata.{key}")]
    return values(layer, "netconsole.dictionary") + values(layer, "netconsole.userdata") + sysdata


@pytest.fixture(scope="module", params=NAMES)
def capture(request):
    name = request.param
    targets = TARGETS[name]
    layers = [
        packet
        for path in pcaps(name)
        for packet in tshark(path, "-Y", "netconsole", ports=[t["port"] for t in targets])
    ]
    return name, targets, layers


def test_a_capture_shows_what_the_kernel_logged(capture):
    name, targets, layers = capture
    packets, compared = sent(name), 0
    logged = {record["id"]: record for record in truth(name)}
    for target in targets:
        shown = [packet["netconsole"] for packet in layers if port_of(packet) == target["port"]]
        forms = {form for layer in shown for form in values(layer, "netconsole.form")}
        assert forms <= {"1" if target["extended"] else "0"}
        if target["extended"]:
            compared += check_extended(shown, packets[target["port"]], logged)
        else:
            compared += check_basic(shown, packets[target["port"]], logged)
    # In these the kernel's own log ends before what was sent.
    assert compared > 0 or name.startswith(("oops", "panic", "restart")), compared


def check_extended(shown, packets, logged):
    whole = [layer for layer in shown if "netconsole.text" in layer]
    expected = whole_bodies(packets)
    assert len(whole) == len(expected)
    compared = 0
    for layer, (packet, body) in zip(whole, expected, strict=True):
        assert int(layer["netconsole.sequence"]) == packet.sequence
        assert int(layer["netconsole.timestamp"]) == packet.timestamp
        assert int(layer["netconsole.priority"]) == packet.priority
        assert layer["netconsole.flag"] == as_text(packet.flag)
        assert layer.get("netconsole.release") == (None if packet.release is None else as_text(packet.release))
        text, lines = lines_of(body)
        assert layer["netconsole.text"] == as_text(text)
        # A string of Wireshark ends at a NUL.
        assert shown_lines(layer) == [as_text(line.split(b"\0")[0]) for line in lines]
        record = logged.get((packet.sequence, packet.timestamp))
        if record:
            compared += 1
            assert int(layer["netconsole.priority"]) == record["priority"]
            assert int(layer["netconsole.level"]) == record["priority"] % 8
            assert int(layer["netconsole.facility"]) == record["priority"] // 8
            assert layer["netconsole.flag"] == record["flag"]
            assert layer.get("netconsole.caller") == record["caller"]
            assert layer["netconsole.text"] == record["text"]
            assert values(layer, "netconsole.dictionary") == record["dictionary"]
    fragments = [layer for layer in shown if "netconsole.fragment.offset" in layer]
    assert len(fragments) == sum(packet.fragment is not None for packet in packets)
    for layer in fragments:
        assert "netconsole.text" in layer or "netconsole.reassembled_in" in layer
    return compared


def check_basic(shown, packets, logged):
    assert len(shown) == len(packets)
    lines = []
    for layer, packet in zip(shown, packets, strict=True):
        texts = []
        for line in packet.payload.removesuffix(b"\n").split(b"\n"):
            text = re.sub(rb"^\[ *\d+\.\d{6}\](?:\[ *[TC]\d+\])? ?", b"", line)
            if text:
                texts.append(as_text(text.split(b"\0")[0]))
        assert values(layer, "netconsole.text") == texts
        times = [int(time) for time in values(layer, "netconsole.timestamp")]
        if len(times) == len(texts):
            lines += zip(times, texts, strict=True)
    times = {time for time, _ in lines}
    compared = 0
    for record in logged.values():
        plain = "\\" not in record["text"] and len(record["text"]) < 900
        if plain and record["id"][1] in times and record["text"]:
            compared += 1
            assert (record["id"][1], record["text"]) in lines
    return compared


def test_crashes_are_marked_in_captures_that_have_one(capture):
    name, _, layers = capture
    crashes = [text for packet in layers for text in values(packet["netconsole"], "netconsole.crash")]
    marked = [packet for packet in layers if "netconsole.crash.begins" in expert_names(packet["netconsole"])]
    assert len(marked) == sum("netconsole.crash" in packet["netconsole"] for packet in layers)
    payloads = [packet.payload for packets in sent(name).values() for packet in packets]
    for opening in ("Kernel panic - not syncing", "BUG: "):
        was_sent = any(re.search(rb"(^|[;\n\]] ?)" + opening.encode(), payload) for payload in payloads)
        assert any(text.startswith(opening) for text in crashes) == was_sent
    if not name.startswith(("panic", "oops")):
        assert crashes == []


def test_whole_captures_are_not_called_damaged(capture):
    """Every packet of the kernel is in its capture; damage is what kernels 6.6 to 7.1 do to payloads of 1000 bytes."""
    name, _, layers = capture
    for packet in layers:
        names = expert_names(packet["netconsole"])
        damage = {one for one in names if one.startswith(("netconsole.damage", "netconsole.malformed"))}
        damage.discard("netconsole.damage.lost")  # targets that were switched off for a while
        data = bytes.fromhex(packet["udp"].get("udp.payload", "").replace(":", ""))
        if len(data) == 1000 and data.endswith(b"\0"):
            assert damage == {"netconsole.damage.nul_for_newline"}
        elif len(data) == 999 and not data.endswith(b"\n") and b"ncfrag=" not in data:
            assert damage == {"netconsole.damage.last_byte_missing"}
        else:
            assert damage == set(), data


def read_pcap(path):
    data = path.read_bytes()
    assert struct.unpack_from("<I", data)[0] in (0xA1B2C3D4, 0xA1B23C4D)
    frames, at = [], 24
    while at < len(data):
        size = struct.unpack_from("<8xI", data, at)[0]
        frames.append(data[at : at + 16 + size])
        at += 16 + size
    return data[:24], frames


def made(tmp_path, *payloads, source=6665):
    """A capture of datagrams to port 6666 of one sender."""
    path = tmp_path / "made.pcap"
    out = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101)
    for number, payload in enumerate(payloads):
        udp = struct.pack("!HHHH", source, 6666, 8 + len(payload), 0) + payload
        ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), number, 0, 64, 17, 0, b"\n\0\0\7", b"\n\0\0\2")
        out += struct.pack("<IIII", number, 0, len(ip + udp), len(ip + udp)) + ip + udp
    path.write_bytes(out)
    return path


def test_missing_records_and_fragments_are_reported(tmp_path):
    packets = [b"6,%d,%d,-;record %d\n" % (number, number * 10, number) for number in range(1, 10)]
    fragments = [b"6,10,100,-,ncfrag=0/20;0123456789", b"6,10,100,-,ncfrag=10/20;012345678\n"]
    layers = [packet["netconsole"] for packet in tshark(made(tmp_path, *packets[:3], *packets[6:], fragments[0]))]
    assert [layer.get("netconsole.lost") for layer in layers] == [None] * 3 + ["3"] + [None] * 3
    assert "netconsole.damage.lost" in expert_names(layers[3])
    assert "netconsole.damage.partial" in expert_names(layers[-1])
    layers = [packet["netconsole"] for packet in tshark(made(tmp_path, fragments[1], fragments[0], fragments[1]))]
    assert "netconsole.damage.partial" not in expert_names(layers[0]) | expert_names(layers[1])
    assert layers[1]["netconsole.text"] == "0123456789012345678"
    assert layers[0]["netconsole.reassembled_in"] == "2"
    assert expert_names(layers[2]) == {"netconsole.duplicate"}
    assert layers[2]["netconsole.reassembled_in"] == "2"


def fragments_of(body, header, notice=b""):
    """As a kernel cuts them."""
    packets, at = [], 0
    while at < len(body):
        head = notice + header + b",ncfrag=%d/%d;" % (at, len(body))
        packets.append(head + body[at : at + 1000 - len(head)])
        at += 1000 - len(head)
    return packets


@pytest.mark.parametrize("msgids", [(b"", b""), (b" msgid=9\n", b" msgid=10\n")])
def test_a_record_that_a_panic_stopped_is_put_together_from_its_repeat(tmp_path, msgids):
    text = b"".join(b"%04d " % number for number in range(400)) + b"\n"
    header, notice = b"2,5,50,-", b"** replaying previous printk message **\n"
    stopped = fragments_of(text + msgids[0], header)[:-1]
    repeat = fragments_of(text + msgids[1], header, notice)
    layers = [packet["netconsole"] for packet in tshark(made(tmp_path, *stopped, *repeat, stopped[0]))]
    assert set().union(*map(expert_names, layers)) == {"netconsole.duplicate"}
    assert [layer["netconsole.text"] for layer in layers if "netconsole.text" in layer] == [as_text(text[:-1])]
    assert expert_names(layers[-1]) == {"netconsole.duplicate"}


@pytest.mark.parametrize(
    "packets, last, reported",
    [
        ((b"6,5,50,-;a\n", b"6,5,50,-;a\n"), 1, "netconsole.duplicate"),
        ((b"6,5000,50000,-;a\n", b"6,1,10,-;b\n"), 1, "netconsole.rebooted"),
        ((b"6,5,50,-;a\n", b"6,7,70,-;c\n", b"6,6,60,-;b\n"), 2, None),
        ((b"6,1,1,-,ncfrag=0/9;abcde", b"6,1,1,-,ncfrag=0/9;abXde"), 1, "netconsole.damage.conflict"),
        ((b"2048,1,1,-;x\n",), 0, "netconsole.malformed"),
        ((b"6,18446744073709551616,1,-;x\n",), 0, "netconsole.malformed"),
        ((b"6,1,1,-,ncfrag=1/x;x\n",), 0, "netconsole.malformed"),
        ((b"6,1,1,-,ncfrag=0/0;x\n",), 0, "netconsole.malformed"),
        ((b"6,1,1,-,ncfrag=8/9;xyz",), 0, "netconsole.malformed"),
        ((b"6,1,1,-,ncfrag=0/9;",), 0, "netconsole.malformed"),
        ((b"6,1,1,-;** 25 printk messages dropped **\n",), 0, "netconsole.damage.announced"),
        ((b"6.6.1,6,1,1,-;" + b"x" * 984 + b"y\0",), 0, "netconsole.damage.nul_for_newline"),
        ((b"6,1,1,-;text\n" + b" k=" + b"v" * 983,), 0, "netconsole.damage.last_byte_missing"),
        ((b"6,1,1,-;BUG: kernel NULL pointer dereference, address: 0\n",), 0, "netconsole.crash.begins"),
        ((b"[    1.000000] Kernel panic - not syncing: Fatal exception\n",), 0, "netconsole.crash.begins"),
        ((b"6,1,1,-;no crash: BUG: is in the middle\n",), 0, None),
    ],
)
def test_experts(tmp_path, packets, last, reported):
    layer = tshark(made(tmp_path, *packets))[last]["netconsole"]
    found = {name for name in expert_names(layer) if name != "netconsole.damage.partial"}
    assert found == ({reported} if reported else set())


@pytest.mark.parametrize(
    "lines, kinds",
    [
        (b" SUBSYSTEM=usb\n DEVICE=c1:2\n host=web17\n cpu=3\n", ("DEVICE=c1:2", "host=web17", "3")),
        # A user's own key of that name comes before the kernel's.
        (b" cpu=mine\n host=a\n cpu=3\n", (None, "host=a", "3")),
        (b" cpu=not a number\n", (None, "cpu=not a number", None)),
        (b" key without value\n", (None, "key without value", None)),
        (b" host=a\n DEVICE=mine\n", (None, "DEVICE=mine", None)),
    ],
)
def test_dictionary_userdata_and_sysdata_are_told_apart(tmp_path, lines, kinds):
    layer = tshark(made(tmp_path, b"6,1,1,-;text\n" + lines))[0]["netconsole"]
    names = ("netconsole.dictionary", "netconsole.userdata", "netconsole.sysdata.cpu")
    assert tuple((values(layer, name) or [None])[-1] for name in names) == kinds


def test_extended_packets_are_recognised_on_every_port(tmp_path):
    assert "netconsole" in tshark(CAPTURES / "ext_new.pcap", "-Y", "udp")[0]


def test_no_bytes_stop_it(tmp_path):
    """Cut, changed and empty packets: whatever comes is shown or called malformed, without an error of Lua."""
    whole = [
        b"7.3.4,6,18,19,-,caller=T1,x=1,ncfrag=0/40;text\n k=v\n",
        b"** replaying previous printk message **\n6,1,2,c;x\n",
        b"[    1.5] [  T1] \xff\0\n",
    ]
    packets = [one[:size] for one in whole for size in range(len(one) + 1)]
    packets += [
        one[:at] + bytes([byte]) + one[at + 1 :] for one in whole for at in range(len(one)) for byte in (0, 44, 59)
    ]
    done = subprocess.run(
        ["tshark", "-2", "-X", f"lua_script:{SCRIPT}", "-r", made(tmp_path, *packets), "-V"],
        capture_output=True,
        timeout=100,
        check=True,
    )
    assert b"Lua Error" not in done.stdout + done.stderr
    assert done.stdout.count(b"\nLinux netconsole\n") == sum(bool(one) for one in packets)


def test_numbers_that_no_kernel_reaches_do_not_hang_it(tmp_path):
    numbers = [2**53 + 1, 2**53 + 3, 2**64 - 1, 5]
    packets = [b"6,%d,1,-;x\n" % number for number in numbers]
    layers = [packet["netconsole"] for packet in tshark(made(tmp_path, *packets))]
    assert [int(layer["netconsole.sequence"]) for layer in layers] == numbers
