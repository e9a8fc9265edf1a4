# SPDX-License-Identifier: MIT
"""netcon.crashes: the reports that logs and events hold."""

import dataclasses
import gzip
import time
from collections.abc import Iterator
from pathlib import Path

import netcon
import pytest

EXAMPLES = Path(__file__).parents[3] / "tests" / "data" / "crashes"


def examples() -> Iterator[tuple[dict[str, str], str]]:
    for path in sorted(EXAMPLES.glob("*.txt")):
        head, _, log = path.read_text().partition("\n\n")
        yield dict(line.split(": ", 1) for line in head.splitlines() if ": " in line), log


def one(name: str) -> netcon.Crash:
    (crash,) = netcon.crashes((EXAMPLES / f"{name}.txt").read_text().partition("\n\n")[2].splitlines())
    return crash


def test_lines_of_logs() -> None:
    for facts, log in examples():
        for source in (log.splitlines(), log.splitlines(keepends=True), log.encode().split(b"\n")):
            got = list(netcon.crashes(source))
            assert [crash.title for crash in got] == ([facts["title"]] if "title" in facts else [])
            assert not got or got[0].kind == facts["kind"]


def test_an_open_file(tmp_path: Path) -> None:
    path = tmp_path / "log.gz"
    with gzip.open(path, "wt") as log:
        log.write((EXAMPLES / "warning.txt").read_text().partition("\n\n")[2])
    with gzip.open(path, "rt") as log:
        assert [crash.title for crash in netcon.crashes(log)] == ["WARNING in newt_resize"]


def test_a_crash_is_a_frozen_value() -> None:
    crash = one("null_dereference")
    assert crash == one("null_dereference")
    assert str(crash) == crash.title == "BUG: unable to handle kernel NULL pointer dereference in pond_open"
    assert (crash.function, crash.cpu, crash.pid, crash.task, crash.taint) == ("pond_open", 1, 812, "otter", "GO")
    assert crash.release == "6.12.9-lake" and crash.panicked and not crash.corrupted
    assert crash.frames[1] == netcon.Frame("chrdev_open", 0xC4, 0x250, "", True)
    assert crash.registers["RSI"] == "ffff9d1a42e7a800"
    assert crash.complete is None and crash.missing == () and crash.doubt is None
    assert len(crash.signature) == 16 and crash.chain == ("kernel panic: Fatal exception",)
    with pytest.raises(dataclasses.FrozenInstanceError):
        crash.title = ""  # type: ignore[misc]


def events(log: str, skip: int = -1) -> Iterator[netcon.AnyEvent]:
    collector = netcon.Collector()
    for number, line in enumerate(log.splitlines()):
        if number == skip:
            continue
        packet = f"4,{5000 + number},{1000 + number},-;{line.partition('] ')[2]}\n".encode()
        yield from collector.push(("10.0.0.7", 6665), packet, 1700000000.0 + number / 1000)


def test_events_tell_whether_a_crash_is_complete() -> None:
    log = (EXAMPLES / "warning.txt").read_text().partition("\n\n")[2] + "".join(
        f"[    9.0] quiet {i}\n" for i in range(3)
    )
    before = "".join(f"[    0.{i:06d}] before\n" for i in range(4))
    (whole,) = netcon.crashes(events(before + log))
    assert whole.complete is True and whole.host == "10.0.0.7"
    assert whole.time is not None and 1700000000 <= whole.time < 1700000001
    (cut,) = netcon.crashes(events(before + log, skip=9))
    assert cut.complete is False and cut.missing == ((5009, 5010),)


def test_msgids_tell_that_a_missing_number_was_not_sent() -> None:
    log = (EXAMPLES / "warning.txt").read_text().partition("\n\n")[2].splitlines()
    texts = ["before"] * 4 + [line.partition("] ")[2] for line in log] + ["quiet"] * 3
    collector = netcon.Collector()
    events = [
        event
        for number, text in enumerate(texts)
        for event in collector.push(
            ("10.0.0.7", 6665), f"4,{5000 + 2 * number},{number},-;{text}\n msgid={7 + number}\n".encode(), 1.0
        )
    ]
    (crash,) = netcon.crashes(events)
    assert crash.complete is True and crash.missing == ()


def test_records_by_themselves() -> None:
    log = (EXAMPLES / "warning.txt").read_text().partition("\n\n")[2]
    numbered = [f"4,{n},{n},-;{line.partition('] ')[2]}" for n, line in enumerate(log.splitlines(), 9)]
    (crash,) = netcon.crashes(netcon.decode(line.encode()) for line in numbered)
    assert crash.title == "WARNING in newt_resize" and crash.host == ""
    (crash,) = netcon.crashes([netcon.decode(log.encode())])  # one packet of many lines
    assert crash.title == "WARNING in newt_resize"


def test_basic_lines() -> None:
    """Their stamps are in their texts."""
    log = (EXAMPLES / "warning.txt").read_text().partition("\n\n")[2]
    collector = netcon.Collector()
    found = [event for line in log.splitlines() for event in collector.push(("10.0.0.7", 6665), line + "\n", 1.0)]
    assert {event.kind for event in found} == {"basic"}
    (crash,) = netcon.crashes(found)
    assert crash.title == "WARNING in newt_resize" and crash.host == "10.0.0.7" and crash.complete is None


def test_a_basic_line_that_is_cut_leaves_a_crash_incomplete() -> None:
    log = (EXAMPLES / "warning.txt").read_text().partition("\n\n")[2].splitlines()
    collector, sender = netcon.Collector(), ("10.0.0.7", 6665)
    found = [event for line in log[:7] for event in collector.push(sender, line + "\n", 1.0)]
    found += collector.push(sender, log[7][:20], 1.0) + collector.expire(2.5)  # the packet with the rest is lost
    found += [event for line in log[8:] for event in collector.push(sender, line + "\n", 2.5)]
    (crash,) = netcon.crashes(found)
    assert crash.complete is False


def test_what_is_no_line_is_refused() -> None:
    with pytest.raises(TypeError, match="takes lines, records and events, not int"):
        list(netcon.crashes([1]))  # type: ignore[list-item]


@pytest.mark.parametrize("text", ["BUG: a crash\n", b"BUG: a crash\n", None, 5])
def test_a_text_is_no_list_of_lines(text: object) -> None:
    """Its characters would be lines, and none of them a crash. Refused by the call, not by the first step."""
    with pytest.raises(TypeError, match="source must be a list of lines, records or events"):
        netcon.crashes(text)  # type: ignore[arg-type]


def test_a_loop_that_ends_early_leaves_what_it_did_not_reach() -> None:
    log = (EXAMPLES / "warning.txt").read_text().partition("\n\n")[2].splitlines()
    texts = [line.partition("] ")[2] for line in log] + [f"after {n}" for n in range(200)]
    with netcon.Receiver(0, "127.0.0.1") as rx, netcon.Sender("127.0.0.1", rx.address.port) as tx:
        for text in texts:
            tx.send(text, level="warning")
        for crash in netcon.crashes(rx):
            assert crash.title == "WARNING in newt_resize"
            break
        rx.stop()
        left = [event.record.text for event in rx.records()]
    assert len(left) > 100 and left == texts[-len(left) :]


def test_a_crash_ends_while_only_junk_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    *log, _ = (EXAMPLES / "warning.txt").read_text().partition("\n\n")[2].splitlines()
    with netcon.Receiver(0, "127.0.0.1") as rx, netcon.Sender("127.0.0.1", rx.address.port) as tx:
        for line in log:
            tx.send(line.partition("] ")[2], level="warning")
        start, batches = time.time(), []

        def batch(timeout: float) -> list[netcon.AnyEvent]:
            tx.send_packets([b"6,1,1,-,ncfrag=9/3;x"])
            batches.append(netcon.Receiver.batch(rx, timeout))
            monkeypatch.setattr(time, "time", lambda: start + 4 * len(batches))
            return batches[-1] if len(batches) < 9 else []

        monkeypatch.setattr(rx, "batch", batch)
        crash = next(netcon.crashes(rx))
    assert crash.title == "WARNING in newt_resize" and len(batches) < 9
    assert {event.kind for event in batches[-1]} == {"junk"}
