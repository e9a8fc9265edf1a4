# SPDX-License-Identifier: MIT
"""netcon decode: captures offline, in the formats of netcon listen."""

import gzip
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import zlib

import pytest
from conftest import DATA, handles, run_tool, until
from test_listen import objects

PANIC = DATA / "captures" / "panic_612"


def test_a_capture_reads_like_the_listener():
    done = run_tool("decode", f"{PANIC}.pcap", "--to-port", 6801)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert len(lines) == 54
    assert any("Kernel panic - not syncing: sysrq triggered crash" in line and " emerg " in line for line in lines)
    assert re.search(r"netcon: decoded 54 records, 54 packets, \d+ bytes, \d+ lost\n", done.stderr)


def test_a_file_and_standard_input_agree():
    from_file = objects(run_tool("decode", "--json", "--to-port", 6801, f"{PANIC}.pcap").stdout)
    from_stdin = objects(
        run_tool("decode", "--json", "--to-port", 6801, "-", stdin=open(f"{PANIC}.pcap", "rb").read()).stdout
    )
    assert from_file == from_stdin
    assert [event["event"] for event in from_file].count("record") == 54
    # The capture's clock and the sender's real address, not this machine's.
    assert {event["sender"] for event in from_file} == {"10.0.2.15"}


def test_several_files_and_a_damaged_one(tmp_path):
    (tmp_path / "cut.pcap").write_bytes(open(f"{PANIC}.pcap", "rb").read()[:5000])
    done = run_tool("decode", "--json", tmp_path / "cut.pcap", f"{PANIC}.pcap", tmp_path / "missing")
    assert done.returncode == 2
    assert len(objects(done.stdout)) > 100
    assert re.search(r"cut\.pcap: damaged after \d+ frames: ", done.stderr)
    assert "missing: No such file or directory" in done.stderr


def test_a_stamp_without_a_year_is_not_later_than_its_file(tmp_path):
    log = tmp_path / "kern.log"
    log.write_text("Dec 31 12:00:00 web17 kernel: old\nJan  1 12:00:00 web17 kernel: new\n")
    second_of_january = 1767355200  # 2026, noon
    os.utime(log, (second_of_january, second_of_january))
    done = run_tool("decode", "--json", log, env={"TZ": "UTC"})
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["time"][:10] for line in lines] == ["2025-12-31", "2026-01-01"]


def test_the_time_of_a_stamp_is_shown_as_the_log_has_it(tmp_path):
    log = tmp_path / "kern.log"
    log.write_text("Oct 20 12:00:00 web17 kernel: summer\nOct 31 12:00:00 web17 kernel: winter\n")
    first_of_november = 1793530800  # 2026
    os.utime(log, (first_of_november, first_of_november))
    shown = run_tool("decode", log, env={"TZ": "CET-1CEST,M3.5.0,M10.5.0/3"}).stdout
    assert [line[:19] for line in shown.splitlines()] == ["2026-10-20 12:00:00", "2026-10-31 12:00:00"]


def test_bad_arguments():
    assert run_tool("decode").returncode == 2
    assert run_tool("decode", "x", "--to-port", "70000").returncode == 2


ETHERNET, LINUX_COOKED, IEEE802_11 = 1, 113, 105
SECONDS, NANOS = 1700000000, 123456789


def udp_frame(payload, port=6666, ethernet=b"\x02" * 12 + b"\x08\x00"):
    """From 10.0.0.1:4660 to 10.0.0.2, in Ethernet or in what else comes in front of IPv4."""
    udp = struct.pack(">HHHH", 4660, port, 8 + len(payload), 0) + payload
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0, b"\x0a\0\0\1", b"\x0a\0\0\2")
    return ethernet + ip + udp


def pcap(*frames, order="<", nano=False, link=ETHERNET, snaplen=65535, seconds_between=0):
    out = struct.pack(order + "IHHiIII", 0xA1B23C4D if nano else 0xA1B2C3D4, 2, 4, 0, 0, snaplen, link)
    for number, frame in enumerate(frames):
        seconds, nanos = divmod(SECONDS * 10**9 + NANOS + round(number * seconds_between * 10**9), 10**9)
        out += struct.pack(order + "IIII", seconds, nanos if nano else nanos // 1000, len(frame[:snaplen]), len(frame))
        out += frame[:snaplen]
    return out


def pcapng(*frames, order="<", link=ETHERNET, stamp=SECONDS * 10**9 + NANOS):
    def block(kind, body):
        body += bytes(-len(body) % 4)
        return struct.pack(order + "II", kind, 12 + len(body)) + body + struct.pack(order + "I", 12 + len(body))

    out = block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1))
    out += block(1, struct.pack(order + "HHIHHB3xHH", link, 0, 65535, 9, 1, 9, 0, 0))  # if_tsresol: 10^-9
    for frame in frames:
        out += block(
            6, struct.pack(order + "IIIII", 0, stamp >> 32, stamp & 0xFFFFFFFF, len(frame), len(frame)) + frame
        )
    return out


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("form", ["pcap", "nanosecond pcap", "pcapng"])
def test_every_form_of_file_and_its_clock(order, form):
    frame = udp_frame(b"6,1,1,-;hello\n")
    file = pcapng(frame, order=order) if form == "pcapng" else pcap(frame, order=order, nano="nano" in form)
    (event,) = objects(run_tool("decode", "--json", "-", stdin=file).stdout)
    assert (event["text"], event["sender"], event["sender_port"]) == ("hello", "10.0.0.1", 4660)
    assert event["time"] == "2023-11-14T22:13:20.123456Z"


def test_a_time_that_no_clock_has():
    done = run_tool("decode", "-", stdin=pcapng(udp_frame(b"6,1,1,-;hello\n"), stamp=2**64 - 1))
    assert done.returncode == 2
    assert "standard input: damaged after 0 frames: it holds a packet whose time is out of range" in done.stderr


def test_cooked_and_tagged_frames():
    cooked = udp_frame(b"6,1,1,-;cooked\n", ethernet=bytes(14) + b"\x08\x00")
    tagged = udp_frame(b"6,1,1,-;tagged\n", ethernet=b"\x02" * 12 + b"\x88\xa8\0\5\x81\0\0\6\x08\x00")
    assert '"text":"cooked"' in run_tool("decode", "--json", "-", stdin=pcap(cooked, link=LINUX_COOKED)).stdout
    assert '"text":"tagged"' in run_tool("decode", "--json", "-", stdin=pcap(tagged)).stdout


def test_what_the_capture_cut_off_is_said():
    frames = [udp_frame(b"6,1,1,-;whole\n"), udp_frame(b"6,2,2,-;" + b"x" * 100 + b"\n")]
    done = run_tool("decode", "--json", "-", stdin=pcap(*frames, snaplen=100))
    assert '"text":"whole"' in done.stdout and "xxx" in done.stdout
    assert "1 datagrams were truncated by the capture" in done.stderr
    assert "truncated" not in run_tool("decode", "-", stdin=pcap(*frames)).stderr


def test_a_line_that_the_capture_cut_does_not_go_on_in_the_next_packet():
    frames = [udp_frame(b"x" * 100 + b"\n"), udp_frame(b"next\n"), udp_frame(b"y" * 100 + b"\n")]
    lines = objects(run_tool("decode", "--json", "-", stdin=pcap(*frames, snaplen=60)).stdout)
    assert [line["text"] for line in lines] == ["x" * 18, "next", "y" * 18]
    nothing = run_tool("decode", "-", stdin=pcap(*frames, snaplen=42))
    assert "truncated by the capture" in nothing.stderr
    assert "not netconsole" not in nothing.stdout


def test_a_packed_capture_that_is_damaged_between_two_frames_is_told():
    whole = gzip.compress(pcap(udp_frame(b"6,1,1,-;whole\n")))
    assert run_tool("decode", "-", stdin=whole + bytes(1024)).returncode == 0  # a tape's last block
    damaged = run_tool("decode", "-", stdin=whole + b"damaged")
    assert damaged.returncode == 2 and "whole" in damaged.stdout
    assert "netcon decode: standard input: its gzip is damaged\n" in damaged.stderr


@pytest.mark.skipif(shutil.which("zstd") is None, reason="no zstd")
def test_frames_of_zstd_that_are_to_be_skipped():
    def pack(piece):
        return struct.pack("<II", 0x184D2A50, 4) + b"size" + as_zstd([piece])[0]

    packed = pack(b"<4>[    1.500000] one\n") + pack(b"<4>[    2.500000] two\n")
    done = run_tool("decode", "--json", "-", stdin=packed)
    if "without libzstd" not in done.stderr:
        assert [json.loads(line)["text"] for line in done.stdout.splitlines()] == ["one", "two"]


def test_nothing_and_no_ip_are_told_apart():
    assert run_tool("decode", "-").stderr.startswith("netcon decode: standard input: the file is empty")
    assert run_tool("decode", "-").returncode == 2
    done = run_tool("decode", "-", stdin=pcap(udp_frame(b"x"), link=IEEE802_11))
    assert done.returncode == 2
    assert "link type IEEE802_11 is not one that IP packets are found in" in done.stderr
    done = run_tool("decode", "-", stdin=pcap())
    assert done.returncode == 0
    assert "decoded 0 records, 0 packets" in done.stderr


def test_nothing_decoded_says_why():
    arp = b"\x02" * 12 + b"\x08\x06" + bytes(28)
    capture = pcap(*[udp_frame(b"6,1,1,-;one\n", port=port) for port in (514, 514, 6664, 5, 6, 7, 8)], arp)
    done = run_tool("decode", "-", "--to-port", 6666, "--to-port", 6665, stdin=capture)
    assert done.returncode == 0
    assert done.stderr.splitlines()[0] == (
        "netcon decode: nothing was sent to port 6666 or 6665; there are datagrams: "
        "2 to port 514, 1 to port 5, 1 to port 6, 1 to port 7, 1 to port 8, ..."
    )
    done = run_tool("decode", "-", stdin=pcap(arp, arp))
    assert done.stderr.splitlines()[0] == "netcon decode: no whole UDP datagram in what was read, 2 other frames"
    assert run_tool("decode", "-", "--to-port", 6664, stdin=capture).stderr.count("\n") == 1


def test_each_port_has_numbers_of_its_own_and_the_end_tells_what_is_missing():
    frames = [
        udp_frame(b"6,1,1,-;one\n"),
        udp_frame(b"6,9,1,-;other\n", port=6667),
        udp_frame(b"6,2,1,-;two\n"),
        udp_frame(b"6,3,1,-,ncfrag=0/20;half"),
    ]
    done = run_tool("decode", "--json", "-", stdin=pcap(*frames))
    assert [event["event"] for event in objects(done.stdout)] == ["record", "record", "record", "partial"]
    assert "4 records, 4 packets" in done.stderr and " 0 lost" in done.stderr


def test_what_never_became_whole_is_told_in_its_place():
    frames = [udp_frame(b"6,1,1,-,ncfrag=0/20;half"), udp_frame(b"6,2,1,-;a minute later\n")]
    done = run_tool("decode", "--json", "-", stdin=pcap(*frames, seconds_between=60))
    assert [event["event"] for event in objects(done.stdout)] == ["partial", "record"]


LOG = """\
Nov 28 07:40:30 web17 kernel: [   10.000001] lake: up
Nov 28 07:40:31 web17 sshd[12]: not of the kernel
Nov 28 07:40:31 db3 kernel: [   11.000002] pond: frozen
Nov 28 07:40:32 web17 kernel: [   12.000003][   T7] lake: dry
Nov 28 07:40:33 web17 kernel: [   13.000004] lake: wet
"""


def json_lines(text):
    return [json.loads(line) for line in text.splitlines()]


def texts(*arguments, stdin):
    done = run_tool("decode", "--json", *arguments, "-", stdin=stdin)
    assert done.returncode == 0, done.stderr
    return [event["text"] for event in json_lines(done.stdout)]


def test_a_text_log_gives_lines():
    done = run_tool("decode", "--json", "-", stdin=LOG.encode())
    assert done.returncode == 0
    lines = json_lines(done.stdout)
    assert [(line["event"], line["host"], line["text"]) for line in lines] == [
        ("line", "web17", "lake: up"),
        ("line", "db3", "pond: frozen"),
        ("line", "web17", "lake: dry"),
        ("line", "web17", "lake: wet"),
    ]
    assert lines[2]["timestamp_us"] == 12000003 and lines[2]["caller"] == "T7"
    assert "4 lines of text" in done.stderr
    assert "web17 -       [   12.000003][    T7] lake: dry\n" in run_tool("decode", "-", stdin=LOG.encode()).stdout


def test_lines_are_chosen_with_their_neighbours():
    log = LOG.encode()
    assert texts("--match", "frozen|wet", stdin=log) == ["pond: frozen", "lake: wet"]
    assert texts("--match", "frozen", "-A", 1, stdin=log) == ["pond: frozen", "lake: dry"]
    assert texts("--match", "frozen", "-B", 1, stdin=log) == ["lake: up", "pond: frozen"]
    assert texts("--match", "frozen", "-C", 1, stdin=log) == ["lake: up", "pond: frozen", "lake: dry"]
    assert texts("--sender", "db3", stdin=log) == ["pond: frozen"]
    assert texts("--sender", "web17", "--match", "lake", stdin=log) == ["lake: up", "lake: dry", "lake: wet"]
    shown = run_tool("decode", "--match", "up|wet", "-A", 1, "-", stdin=log).stdout.splitlines()
    assert [line.split()[-1] for line in shown] == ["up", "frozen", "--", "wet"]


def test_levels_of_a_text_log():
    log = b"<6>[    1.000000] info\n<3>[    2.000000] error\n[    3.000000] unknown\nkern  :warn  : [    4.000000] warning\n"
    assert texts("--min-level", "err", stdin=log) == ["error", "unknown"]
    assert run_tool("decode", "--min-level", "loud", "-", stdin=log).returncode == 2
    assert run_tool("decode", "--match", "(", "-", stdin=log).returncode == 2


def test_records_of_nc_are_joined_and_counted():
    log = b"6,1,100,-;one\n4,2,200,-,ncfrag=0/8;half4,2,200,-,ncfrag=4/8; two6,5,300,-;five\n"
    done = run_tool("decode", "--json", "-", stdin=log)
    lines = json_lines(done.stdout)
    assert [line["text"] for line in lines if "sequence" in line][0] == "one"
    assert lines[-1]["text"] == "five" and lines[-1]["sequence"] == 5
    assert "2 lost" in done.stderr
    (loss,) = (line for line in lines if line["event"] == "lost")
    assert loss == {"event": "lost", "cause": "sequence_gap", "count": 2, "first_sequence": 3}
    assert "-- 2 records lost or below the sender's console level\n" in run_tool("decode", "-", stdin=log).stdout


def test_a_damaged_record_of_a_log_is_still_a_line():
    log = b"6,1,100,-;one\n\n4,2,200,-,ncfrag=0/3;half\n6,3,300,-;three\n"
    found = json_lines(run_tool("decode", "--json", "-", stdin=log).stdout)
    assert [line["text"] for line in found if line["event"] == "line"] == ["one", "4,2,200,-,ncfrag=0/3;half", "three"]
    assert [line["count"] for line in found if line["event"] == "lost"] == [1]


def test_filters_of_captures():
    frames = [udp_frame(b"%d,%d,%d,-;number %d\n" % (i, i, i * 100, i)) for i in range(1, 8)]
    capture = pcap(*frames)
    assert texts("--min-level", "err", stdin=capture) == ["number 1", "number 2", "number 3"]
    assert texts("--match", "number 4", "-C", 1, stdin=capture) == ["number 3", "number 4", "number 5"]
    assert texts("--sender", "10.0.0.0/24", "--match", "7", stdin=capture) == ["number 7"]
    assert texts("--sender", "10.0.1.0/24", stdin=capture) == []


def test_a_sender_of_whom_nothing_came():
    """An address or a name that is mistyped is not a machine that was silent."""

    def remark(*arguments, stdin):
        done = run_tool("decode", *arguments, "-", stdin=stdin)
        assert (done.returncode, done.stdout) == (0, "")
        return done.stderr.splitlines()[:-1]

    capture = pcap(udp_frame(b"6,1,100,-;one\n"))
    said = ["netcon decode: nothing is of 10.0.1.0/24 or web17; what was read is of 10.0.0.1"]
    assert remark("--sender", "10.0.1.0/24", "--sender", "web17", stdin=capture) == said
    assert remark("--sender", "wbe17", stdin=LOG.encode()) == [
        "netcon decode: nothing is of wbe17; what was read is of web17, db3"
    ]
    assert remark("--sender", "web17", stdin=b"<6>[    1.000000] one\n") == [
        "netcon decode: nothing is of web17; what was read is of no host"
    ]
    ports = b"".join(b"2026-11-30 18:57:55.638 10.0.0.7:%d info [    1.000000] x\n" % port for port in (1, 2))
    assert remark("--sender", "web17", stdin=ports)[0].endswith("what was read is of 10.0.0.7")
    many = "".join(f"Nov 28 07:40:32 h{i} kernel: [    1.000000] x\n" for i in range(7)).encode()
    assert remark("--sender", "x", stdin=many)[0].endswith("is of h0, h1, h2, h3, h4, ...")
    assert remark("--sender", "web17", "--match", "nowhere", stdin=LOG.encode()) == []


def as_gzip(pieces):
    """One file in pieces that can be unpacked as they come."""
    packer = zlib.compressobj(wbits=31)
    return [packer.compress(piece) + packer.flush(zlib.Z_SYNC_FLUSH) for piece in pieces]


def as_zstd(pieces):
    return [
        subprocess.run(["zstd", "-q", "-c"], input=piece, capture_output=True, check=True).stdout for piece in pieces
    ]


def in_pieces(whole, *heads):
    """A file after each packet: what these add to it."""
    files = [whole(*heads[:count]) for count in range(len(heads) + 1)]
    return [files[0]] + [after[len(before) :] for before, after in zip(files, files[1:], strict=False)]


RECORDS = [b"6,%d,%d,-;live %d\n" % (i, i * 1000, i) for i in range(3)]


@pytest.mark.parametrize("form", ["pcap", "pcapng", "records", "stamps", "gzip", "zstd"])
def test_what_comes_from_a_pipe_is_shown_as_it_comes(piped, form):
    stamps = [b"[%d.0] live %d\n" % (i, i) for i in range(3)]  # shorter than any beginning that tells a file's form
    first, *pieces = {
        "pcap": lambda: in_pieces(pcap, *map(udp_frame, RECORDS)),
        "pcapng": lambda: in_pieces(pcapng, *map(udp_frame, RECORDS)),
        "records": lambda: [b"", *RECORDS],
        "stamps": lambda: [b"", *stamps],
        "gzip": lambda: [b"", *as_gzip(RECORDS)],
        "zstd": lambda: [b"", *(as_zstd(RECORDS) if shutil.which("zstd") else pytest.skip("no zstd"))],
    }[form]()
    command = piped("decode", "--json", "-")
    command.write(first)
    for number, piece in enumerate(pieces):
        command.write(piece)
        assert f'"text":"live {number}"' in command.line()
    assert command.process.poll() is None


def test_a_block_that_needs_more_room_than_one_read_is_shown_whole(piped):
    """300 KiB in one packed piece: what the unpacker still holds does not wait for the next."""
    if shutil.which("zstd") is None:
        pytest.skip("no zstd")
    lines = [b"6,%d,%d,-;%s\n" % (i, i * 1000, b"x" * 500) for i in range(600)]
    for pack in (as_gzip, as_zstd):
        command = piped("decode", "--json", "-")
        command.write(pack([b"".join(lines)])[0])
        assert all(command.line() for _ in lines)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_what_is_read_and_shows_it(piped, how):
    command = piped("decode", "-")
    command.write(RECORDS[0])
    assert command.line()
    assert handles(command.process, how)
    command.write(b"6,1,1000,-;the last record\n[    3.000000] no newline")
    out, err = command.stop(how)
    assert command.process.returncode == -how
    assert "the last record" in out and "no newline" in out
    assert "netcon: decoded 2 records, 2 packets" in err and "1 lines of text" in err


def test_a_signal_within_a_packet_is_no_damage(piped):
    command = piped("decode", "-")
    command.write(pcap(udp_frame(RECORDS[0]), udp_frame(RECORDS[1]))[:-5])
    assert command.line()
    _, err = command.stop(signal.SIGINT)
    assert command.process.returncode == -signal.SIGINT
    assert err.splitlines() == ["netcon: decoded 1 records, 1 packets, 15 bytes, 0 lost"]


def test_a_reader_that_has_gone_ends_it(piped):
    command = piped("decode", "-")
    command.write(RECORDS[0])
    assert command.line()
    command.process.stdout.close()
    command.write(RECORDS[1])
    assert until(lambda: command.process.poll() is not None)
    assert command.process.returncode == 0


def numbered(*numbers, name=b"x"):
    return b"".join(b"6,%d,%d,-;%s %d\n" % (i, i * 1000, name, i) for i in numbers)


def test_each_log_is_of_machines_of_its_own(tmp_path):
    """Two machines, logged by nc: neither continues the numbers of the other, nor repeats its first lines."""
    for name, numbers in {
        "a.log": range(1, 6),
        "b.log": range(500, 506),
        "10.0.0.7": [1, 2],
        "10.0.0.8": [1, 2],
    }.items():
        (tmp_path / name).write_bytes(numbered(*numbers))
    for files in ([tmp_path], sorted(tmp_path.iterdir())):
        done = run_tool("decode", *files)
        assert len(done.stdout.splitlines()) == 15 and "0 lost" in done.stderr


def test_any_number_of_logs_is_counted(tmp_path):
    """More than are remembered at once."""
    for number in range(1100):
        (tmp_path / f"{number}.log").write_bytes(numbered(1, 4))
    done = run_tool("decode", tmp_path)
    assert "decoded 2200 records, 2200 packets" in done.stderr and "2200 lost" in done.stderr


def test_fragments_of_two_logs_are_not_joined(tmp_path):
    (tmp_path / "a").write_bytes(b"6,10,1000,-,ncfrag=0/10;12345\n")
    (tmp_path / "b").write_bytes(b"6,10,1000,-,ncfrag=5/10;67890\n")
    found = json_lines(run_tool("decode", "--json", tmp_path / "a", tmp_path / "b").stdout)
    assert "1234567890" not in [line.get("text") for line in found]


@pytest.mark.parametrize(
    ("oldest", "older", "newest"),
    [
        ("a.log.2.gz", "a.log.1", "a.log"),
        ("a.log-20260930.gz", "a.log-20261001", "a.log"),
        ("a-2026093023.log.gz", "a-2026100100.log", "a.log"),
        ("a-b-20260930-1790000000.gz", "a-b-20260930-1790000001", "a-b"),
    ],
)
def test_rotated_files_of_a_log_continue_each_other(tmp_path, oldest, older, newest):
    (tmp_path / oldest).write_bytes(gzip.compress(numbered(1, 2)))
    (tmp_path / older).write_bytes(numbered(3))
    (tmp_path / newest).write_bytes(numbered(3, 4, 7))
    (tmp_path / "b.log").write_bytes(numbered(3))
    in_order = [tmp_path / name for name in (oldest, "b.log", older, newest)]
    for files in ([tmp_path], in_order):
        done = run_tool("decode", *files)
        assert len(done.stdout.splitlines()) == 7, done.stdout  # one is a copy, one line is the loss
        assert "2 lost" in done.stderr


@pytest.mark.parametrize("other", ["a.log-20261301", "a.log-2026100", "a-20261001T074032Z.log", "20261001.log"])
def test_a_name_without_a_date_is_a_log_of_its_own(tmp_path, other):
    (tmp_path / other).write_bytes(numbered(3))
    (tmp_path / "a.log").write_bytes(numbered(3))
    assert len(run_tool("decode", tmp_path).stdout.splitlines()) == 2
