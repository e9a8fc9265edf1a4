# SPDX-License-Identifier: MIT
"""How the package starts: what importing it takes, python -m netcon, interpreters that it cannot run in."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import netcon
import pytest
from conftest import DATA

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(netcon.__file__).parents[1])}


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, timeout=120, env=ENVIRONMENT)


def test_import_leaves_out_what_it_may_not_need() -> None:
    code = "import sys, netcon; print(*sys.modules)"
    loaded = run("-c", code).stdout.split()
    bare = run("-c", "import sys; print(*sys.modules)").stdout.split()
    assert "netcon" in loaded
    late = {
        "numpy",
        "asyncio",
        "logging",
        "socket",
        "threading",
        "gzip",
        "json",
        "dataclasses",
        "inspect",
        "netcon.aio",
    }
    assert not late & (set(loaded) - set(bare))


def test_late_parts_are_there() -> None:
    code = "import netcon, pickle; print(set(netcon.__all__) <= set(dir(netcon)), netcon.aio.listen, netcon.LogHandler)"
    result = run("-c", code)
    assert result.stdout.startswith("True ") and "'netcon.LogHandler'" in result.stdout, result.stderr
    with pytest.raises(AttributeError, match="no attribute 'wings'"):
        netcon.wings  # type: ignore[attr-defined]


def test_module_prints_a_capture() -> None:
    path = str(DATA / "captures" / "ext_612.pcap")
    result = run("-m", "netcon", "--json", path)
    assert result.returncode == 0, result.stderr
    events = [json.loads(line) for line in result.stdout.splitlines()]
    assert events == [event.to_dict() for event in netcon.read_events(path)]
    plain = run("-m", "netcon", "--level", "warning", path).stdout.splitlines()
    assert 0 < len(plain) < len(events)
    assert run("-m", "netcon", "--level", "4", path).stdout.splitlines() == plain


def test_module_prints_what_the_terminal_lacks(tmp_path: Path) -> None:
    capture = DATA / "captures" / "ext_612.pcap"
    text = netcon.read_pcap(capture)[0].payload.partition(b";")[2][:5]
    path = tmp_path / "other.pcap"
    path.write_bytes(capture.read_bytes().replace(text, "a\u2192b".encode(), 1))
    command = [sys.executable, "-m", "netcon", str(path)]
    result = subprocess.run(
        command, capture_output=True, text=True, timeout=120, env={**ENVIRONMENT, "PYTHONIOENCODING": "latin-1"}
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert "a\\u2192b" in result.stdout
    assert len(result.stdout.splitlines()) == len(list(netcon.read_events(path)))


def test_module_ends_quietly_when_its_reader_has_gone() -> None:
    command = [sys.executable, "-m", "netcon", "--json", str(DATA / "captures" / "ext_612.pcap")]
    reading, writing = os.pipe()
    os.close(reading)
    try:
        result = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, timeout=120, env=ENVIRONMENT)
    finally:
        os.close(writing)
    assert (result.returncode, result.stderr) == (0, b"")


def test_module_says_what_is_wrong() -> None:
    for arguments in (("/no/such.pcap",), ("--level", "loud"), ("--level", "8"), ("70000",)):
        result = run("-m", "netcon", *arguments)
        assert result.returncode != 0 and "Traceback" not in result.stderr and result.stderr


def test_a_subinterpreter_is_refused_in_one_line() -> None:
    code = """
try:
    import _interpreters
    own = _interpreters.create()
    problem = _interpreters.exec(own, "import netcon")
    print(problem.formatted if problem else "imported")
except ImportError:
    import _xxsubinterpreters as old
    own = old.create(isolated=False)
    try:
        old.run_string(own, "import netcon")
        print("imported")
    except Exception as problem:
        print(str(problem))
"""
    result = run("-c", code)
    if "_xxsubinterpreters" in result.stderr:
        pytest.skip("this Python has no subinterpreters")
    assert result.returncode == 0, result.stderr
    shown = result.stdout.strip()
    assert "ImportError" in shown and "interpreter" in shown and "\n" not in shown
