# SPDX-License-Identifier: MIT
"""The corpus of docs/corpus.md: what kernels answered is what the package says. The C++ tests read the same files."""

from __future__ import annotations

import errno
import ipaddress
import json
import re
from collections.abc import Iterator
from typing import Any

import netcon
import pytest
from conftest import CORPUS, DATA, corpus, corpus_bytes, record_of
from netcon import configfs


def answers(row: dict[str, Any], *sources: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """(version, answer) of each kernel that was asked."""
    for answer in row["answers"]:
        if answer["source"] in sources:
            for version in answer["kernels"]:
                yield version, answer


@pytest.mark.parametrize("part", ["parameters", "loads", "configfs", "packets", "captures"])
def test_form(part: str) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((CORPUS / "corpus.schema.json").read_text())
    head, rows = corpus(part)
    for name, lines in (("head", [head]), (part, rows)):
        form: Any = jsonschema.Draft202012Validator({**schema, "$ref": f"#/$defs/{name}"})
        for line in lines:
            form.validate(line)


def test_targets() -> None:
    compared = 0
    for row in corpus("parameters")[1]:
        text = corpus_bytes(row["parameter"])
        for kernel, answer in answers(row, "compiled", "read"):
            compared += 1
            want = answer["target"]
            if want is None:
                with pytest.raises(netcon.ParseError) as refused:
                    netcon.parse_target(text, kernel=kernel)
                if "quoted" in answer:
                    assert text[slice(*refused.value.where)] == corpus_bytes(answer["quoted"])
                continue
            target = netcon.parse_target(text, kernel=kernel)
            want = {name: ipaddress.ip_address(v) if v and name.endswith("_ip") else v for name, v in want.items()}
            settings = target.resolve(kernel=kernel)
            assert {name: getattr(settings, name) for name in want} == want, text
            assert netcon.parse_target(text.decode(), kernel=netcon.KernelProfile(kernel)) == target
            if target.check(kernel) is None:
                assert netcon.parse_target(str(target), kernel) == target
    assert compared > 1400


ERRNO = {"release-without-extended": "EINVAL", "parameter-too-long": "ENOSPC"}


def check_load(text: bytes, kernel: str, answer: dict[str, Any]) -> None:
    log = [corpus_bytes(line).decode(errors="surrogateescape") for _, line in answer.get("log", [])]
    said = netcon.boot_log(text, kernel)
    try:
        targets = netcon.parse_parameter(text, kernel=kernel)
    except netcon.ParseError as refused:
        assert answer["errno"] == ERRNO.get(refused.code, "EPERM")
        assert [line for line in log if line in said] == said
        return
    if answer["errno"] is None:
        assert [line for line in log if line in said] == said
    else:  # a target that cannot be set up, such as on a device that is not there, ends the load of older kernels
        assert answer["errno"] not in ("EPERM", "ENOSPC")
        assert not netcon.KernelProfile(kernel).supports("bad_target_skipped")
    if "files" not in answer:
        return
    for target, files in zip(targets, answer["files"], strict=True):
        settings = target.resolve(kernel)
        flag = {"0": False, "1": True}
        assert (flag[files["extended"]], flag[files.get("release", "0")]) == (settings.extended, settings.release)
        assert (int(files["local_port"]), int(files["remote_port"])) == (settings.local_port, settings.remote_port)
        assert ipaddress.ip_address(files["remote_ip"]) == settings.remote_ip
        assert files["remote_mac"] == settings.remote_mac
        if settings.dev_mac is None:
            assert corpus_bytes(files["dev_name"]) == settings.dev_name.encode(errors="surrogateescape")


def test_loads() -> None:
    compared = 0
    for row in corpus("loads")[1]:
        for kernel, answer in answers(row, "booted"):
            try:
                check_load(corpus_bytes(row["parameter"]), kernel, answer)
            except AssertionError as wrong:
                raise AssertionError(f"Linux {kernel}: {row['parameter']!r}: {answer}") from wrong
            compared += 1
    assert compared > 400


def test_packets() -> None:
    refused = 0
    for row in corpus("packets")[1]:
        for kernel, answer in answers(row, "compiled"):
            want = [corpus_bytes(packet) for packet in answer["packets"]]
            try:
                sent = netcon.encode(
                    header=corpus_bytes(row["header"]),
                    body=corpus_bytes(row["body"]),
                    kernel=kernel,
                    release=row["release"],
                    userdata=[(corpus_bytes(key), corpus_bytes(value)) for key, value in row["userdata"]],
                    sysdata=row["sysdata"],
                )
            except netcon.EncodeError as problem:
                # One row was made with a key that no mkdir accepts.
                assert problem.code == "bad-userdata-key"
                refused += 1
            else:
                assert sent == want
    assert refused == 1


def test_records_are_decoded() -> None:
    for row in corpus("packets")[1]:
        priority, sequence, timestamp, flag = row["header"].split(",")[:4]
        body = corpus_bytes(row["body"])
        for _, answer in answers(row, "compiled"):
            packets = [corpus_bytes(packet) for packet in answer["packets"]]
            for packet in packets:
                r = netcon.decode(packet)
                assert (r.facility, r.level, r.sequence) == (int(priority) >> 3, int(priority) & 7, int(sequence))
                assert (r.timestamp_us, r.flag, r.release) == (int(timestamp), flag, row["release"])
                assert (r.fragment is None) == (len(packets) == 1)
                if r.fragment is None and not r.is_damaged:
                    assert r.body.startswith(body)
                    assert r.raw_text == body.split(b"\n")[0]


def test_records_are_put_together() -> None:
    for row in corpus("packets")[1]:
        body = corpus_bytes(row["body"])
        for kernel, answer in answers(row, "compiled"):
            collector = netcon.Collector()
            events = []
            for packet in answer["packets"]:
                events += collector.push(("10.0.0.1", 6665), corpus_bytes(packet), 1.0)
            events += collector.expire(100.0)
            if [e.kind for e in events] == ["record"]:
                record = record_of(events[0])
                assert record.fragment is None
                assert record.is_damaged or record.body.startswith(body)
                assert netcon.decode(record.packet) == record
            else:
                assert [e.kind for e in events] == ["partial"], kernel


def interface(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": row["device"],
        "mac": row.get("mac", "00:00:00:00:00:00"),
        "ipv4": [a for a in row["addresses"] if ":" not in a],
        "ipv6": [a for a in row["addresses"] if ":" in a],
        "up": row.get("up", True),
    }


def change_devices(tree: configfs.MemoryTree, row: dict[str, Any]) -> None:
    name = row["device"]
    match row["op"]:
        case "device_add":  # the addresses come when it is there already
            added = interface(row)
            tree.register_interface({"name": name, "mac": added["mac"], "up": False})
            tree.set_addresses(name, added["ipv4"], added["ipv6"])
            tree.set_up(name, True)
        case "device_remove":
            tree.unregister_interface(name)
        case "device_rename":  # only while it is down
            tree.set_up(name, False)
            tree.rename_interface(name, row["to"])
            tree.set_up(row["to"], True)
        case "device_add_elsewhere":
            tree.see_interface_elsewhere(interface(row))
        case op:
            tree.set_up(name, {"device_up": True, "device_down": False}[op])


def operate(tree: configfs.MemoryTree, row: dict[str, Any], answer: dict[str, Any]) -> tuple[int, bytes]:
    """(return value, what was read); OSError with the errno."""
    path, data = corpus_bytes(row.get("path")), corpus_bytes(row.get("data"))
    match row["op"]:
        case "mkdir":
            tree.mkdir(path)
        case "rmdir":
            tree.rmdir(path)
        case "unlink":
            tree.unlink(path)
        case "rename":
            tree.rename(path, data)
        case "symlink":
            tree.symlink(path)
        case "rmmod":
            tree.unload()
        case "write" | "append" | "trunc":  # configfs ignores O_APPEND and O_TRUNC
            return tree.write(path, data), b""
        case "write2":
            assert tree.write(path, data) == answer["first"]
            return tree.write(path, corpus_bytes(row["data2"])), b""
        case "read":
            out = tree.read(path)
            return len(out), out
        case "ls":
            names = tree.listdir(path)
            return len(names), b"".join(name.encode(errors="surrogateescape") + b"\n" for name in names)
        case "stat":
            return 0, b"%o %d" % tree.stat(path)
        case _:
            change_devices(tree, row)
    return 0, b""


LEVELS = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"]


def test_configfs() -> None:
    head, rows = corpus("configfs")
    machine = [interface(row) for row in head["machine"]["devices"]]
    trees: dict[tuple[str, str], configfs.MemoryTree] = {}
    for row in rows:
        for kernel, answer in answers(row, "booted"):
            key = row["sequence"], kernel
            if key not in trees:
                trees[key] = configfs.MemoryTree(kernel=kernel, interfaces=machine)
            tree = trees[key]
            got: tuple[int, bytes, str | None]
            try:
                got = *operate(tree, row, answer), None
            except OSError as problem:
                assert problem.errno is not None
                got = -1, b"", errno.errorcode.get(problem.errno, "ENOTSUPP")
            assert got == (answer["ret"], corpus_bytes(answer.get("out")), answer["errno"]), (kernel, row)
            log = [[LEVELS.index(level), text] for level, text in tree.take_log()]
            assert log == answer.get("log", []), (kernel, row)
    assert len(trees) > 3


@pytest.mark.parametrize("name", [row["capture"] for row in corpus("captures")[1]] if CORPUS.exists() else [])
def test_captures(name: str) -> None:
    """A record that the sending kernel's log shows too is the same there, byte for byte."""
    head, rows = corpus("captures")
    capture = next(row for row in rows if row["capture"] == name)
    folder = CORPUS / head["folder"]
    truth = [json.loads(line)["raw"].encode() for line in (folder / capture["truth"]).read_text().splitlines()]
    packets = [packet for pcap in capture["pcap"] for packet in netcon.read_pcap(folder / pcap)]
    console_level = 8 if "loglevel=8" in capture["cmdline"] else 7
    for target in capture["targets"]:
        if not target["extended"]:
            continue
        collector, received = netcon.Collector(), {}
        for packet in packets:
            if packet.receiver.port != target["port"]:
                continue
            for event in collector.push(packet):
                assert event.kind not in ("junk", "partial", "forgotten")
                if event.kind in ("record", "late"):
                    record = record_of(event)
                    received[record.header] = record.raw_text
        unsent = 0
        for raw in truth:
            header, _, body = raw.partition(b";")
            if header in received:
                assert received[header] == body.split(b"\n")[0]
            else:
                unsent += int(header.split(b",")[0]) & 7 < console_level
        assert unsent == target["unsent"]


def test_the_example_of_the_page(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    top = DATA.parents[1]
    page = top / "docs/corpus.md"
    if not page.exists():
        pytest.skip(f"no {page} here: the test needs a source checkout")
    [program] = re.findall("```python\n(.*?)```", page.read_text(), re.DOTALL)
    monkeypatch.chdir(top)
    exec(program, {})
    assert f"It prints `{capsys.readouterr().out.strip()}`" in page.read_text()
