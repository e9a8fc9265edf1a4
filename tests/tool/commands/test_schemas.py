# SPDX-License-Identifier: MIT
"""docs/schema/: what the tool prints as JSON is what the schemas say, and the schemas refuse what they do not know."""

import json
import pathlib
import re

import pytest
from conftest import DATA, run_tool
from test_configfs import root  # noqa: F401 (a fixture)

jsonschema = pytest.importorskip("jsonschema", reason="SKIP: needs python3-jsonschema")

SCHEMAS = pathlib.Path(__file__).resolve().parents[3] / "docs/schema"
NAMES = sorted(path.name.removesuffix(".schema.json") for path in SCHEMAS.iterdir())
CAPTURES = sorted((DATA / "captures").glob("*.pcap"))
CRASHES = sorted((DATA / "crashes").glob("*.txt"))
PAGE = (SCHEMAS.parent / "json.md").read_text(encoding="utf-8")


def validator(name):
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def lines_of(*arguments):
    """Distinct in what a schema looks at: most lines of a capture are alike."""
    lines = {}
    for line in run_tool(*arguments).stdout.splitlines():
        one = json.loads(line)
        lines.setdefault((one.get("event"), *sorted(one)), one)
    return lines.values()


def validate(name, *documents):
    schema = validator(name)
    for one in documents:
        problem = jsonschema.exceptions.best_match(schema.iter_errors(one))
        assert problem is None, f"{name}: {problem.message} at {problem.json_path}: {json.dumps(one)[:300]}"


@pytest.mark.parametrize("name", NAMES)
def test_a_member_that_is_not_known_is_refused(name):
    """Else a schema would take anything."""
    example = {"unknown-member": 1}
    assert not validator(name).is_valid([example] if name == "targets" else example)


def test_examples_of_the_page():
    blocks = re.findall(r"```json\n((?:.*\n)*?)```\n", PAGE)
    documents = [json.loads(line) for block in blocks if block.startswith('{"event"') for line in block.splitlines()]
    validate("event", *documents)
    validate("targets", *(json.loads(block) for block in blocks if block.startswith("[")))
    marks = {"sources": "lint", "targets": "explain", "steps": "plan", "lines": "explain-log"}
    found = set()
    for block in blocks:
        if block.startswith("{\n"):
            (name,) = (name for mark, name in marks.items() if mark in json.loads(block))
            validate(name, json.loads(block))
            found.add(name)
    assert found == set(marks.values())


@pytest.mark.parametrize("path", CAPTURES[::4], ids=lambda path: path.stem)
def test_events_of_captures(path):
    validate("event", *lines_of("decode", "--json", path))


@pytest.mark.parametrize("path", CRASHES)
def test_lines_of_logs(path):
    validate("event", *lines_of("decode", "--json", path))


def test_crashes_of_captures():
    validate("crash", *lines_of("crashes", "--json", *CAPTURES))


def test_crashes_of_logs():
    validate("crash", *lines_of("crashes", "--json", *CRASHES))
    validate("crash-group", *lines_of("crashes", "--group", "--json", *CRASHES))


def test_events_of_a_crash(listen):
    listener = listen("--json")
    for line in (DATA / "crashes" / "null_dereference.txt").read_text().splitlines():
        listener.send(f"{line}\n".encode())
    out, _ = listener.stop()
    events = [json.loads(line) for line in out.splitlines()]
    assert {"crash_begun", "crash"} <= {one["event"] for one in events}
    validate("event", *events)


@pytest.mark.parametrize("kernel", ["3.7", "6.1", "6.12", "7.3"])
def test_what_a_kernel_reads(kernel):
    for text in ["@/eth0,@10.0.0.2/", "@/eth0,@10.0.0.2", "6666@10.0.0.1/\xffeth0,@10.0.0.2/;bad;+r@/,@fe80::1/", ""]:
        validate("explain", json.loads(run_tool("explain", "--kernel", kernel, "--json", text).stdout))
        validate("lint", json.loads(run_tool("lint", "--kernel", kernel, "--json", text).stdout))


def test_findings_in_files():
    files = [option for path in sorted((DATA / "boot_files").iterdir()) for option in ("--file", path)]
    validate("lint", json.loads(run_tool("lint", "--json", *files).stdout))


def test_lines_of_a_log(tmp_path):
    log = tmp_path / "log"
    log.write_bytes(
        b"netpoll: netconsole: interface name 'eth9'\nnetpoll: netconsole: eth9 doesn't exist, aborting\n"
        b"Nov 28 10:00:00 web\xff17 kernel: netconsole: network logging started\n"
    )
    validate("explain-log", json.loads(run_tool("explain", "--log", log, "--json").stdout))


@pytest.mark.parametrize("kernel", sorted(path.name for path in (DATA / "doctor").iterdir()))
def test_findings_of_a_machine(kernel):
    for facts in sorted((DATA / "doctor" / kernel).iterdir()):
        validate("doctor", json.loads(run_tool("doctor", "--json", "--from", facts).stdout))


def test_a_test(listen):
    listener = listen("--answer", "--allow", "127.0.0.1")
    report = run_tool("test", "--socket", listener.destination, "--level", "err,warning", "--json").stdout
    validate("test", json.loads(report))
    listener.stop()
    silent = json.loads(run_tool("test", "--socket", listener.destination, "--json").stdout)
    assert silent["targets"][0]["findings"]
    validate("test", silent)


def test_targets_and_plans(root):  # noqa: F811
    validate("targets", json.loads(run_tool("configfs", "show", "--json", "--root", root).stdout))
    plan = run_tool("configfs", "plan", "none", "+@/eth0,@10.0.0.2/", "--userdata", "a=b", "--as", "json")
    validate("plan", json.loads(plan.stdout))
