# SPDX-License-Identifier: MIT
"""The lines of docs/python.md and README.md work as written."""

from __future__ import annotations

import ast
import asyncio
import doctest
import gzip
import json
import re
from pathlib import Path
from typing import Any

import netcon
import pytest
from conftest import DATA

TOP = Path(__file__).resolve().parents[3]


def test_guide() -> None:
    if not (TOP / "docs" / "python.md").exists():
        pytest.skip("needs a source checkout")
    text = (TOP / "docs" / "python.md").read_text(encoding="utf-8").replace("```", "")
    test = doctest.DocTestParser().get_doctest(text, {}, "python.md", None, 0)
    assert len(test.examples) > 10
    runner = doctest.DocTestRunner(verbose=False)
    runner.run(test)
    assert runner.summarize(verbose=False).failed == 0


def test_readme_of_the_package() -> None:
    page = TOP / "bindings" / "python" / "README.md"
    if not page.exists():
        pytest.skip("needs a source checkout")
    text = page.read_text(encoding="utf-8")
    # It is shown alone on an index: no link may depend on the repository around it.
    assert all(link.startswith("https://") for link in re.findall(r"\]\(([^)]*)\)", text))
    test = doctest.DocTestParser().get_doctest(text.replace("```", ""), {}, "README.md", None, 0)
    runner = doctest.DocTestRunner(verbose=False)
    runner.run(test)
    assert runner.summarize(verbose=False).attempted == 3


class Once(netcon.Receiver):
    """A receiver on a free port, stopped after one event."""

    def __init__(self, port: int) -> None:
        assert port == 6666
        super().__init__(0, "127.0.0.1")
        with netcon.Sender("127.0.0.1", self.address.port) as tx:
            tx.send("hello", level="err")
        self.stop()


def programs(page: Path) -> list[str]:
    return re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.S)


def test_readme(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    if not (TOP / "README.md").exists():
        pytest.skip("needs a source checkout")
    (code,) = programs(TOP / "README.md")
    assert "netcon.Receiver(port=6666)" in code
    monkeypatch.setattr(netcon, "Receiver", Once)
    exec(code, {})
    assert capsys.readouterr().out.endswith("] hello\n")


def test_programs_of_the_guide(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """In the folder of what they read, one after the other, as somebody pastes them."""
    if not (TOP / "docs" / "python.md").exists():
        pytest.skip("needs a source checkout")
    pytest.importorskip("pandas")
    receive, show, by_asyncio, capture, crashes = programs(TOP / "docs" / "python.md")
    listening = netcon.aio.AsyncReceiver
    monkeypatch.setattr(netcon, "Receiver", Once)
    monkeypatch.setattr(netcon.aio, "listen", lambda port: listening(Once(port)))
    packets = (
        (DATA / "captures" / "ext_612.pcap").read_bytes().replace((6801).to_bytes(2, "big"), (6666).to_bytes(2, "big"))
    )
    (tmp_path / "crash.pcap.gz").write_bytes(gzip.compress(packets))
    log = (DATA / "crashes" / "null_dereference.txt").read_text(encoding="utf-8")
    (tmp_path / "netconsole.log").write_text(log.partition("\n\n")[2])
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}

    exec(receive, names)
    assert capsys.readouterr().out.endswith("] hello\n")
    exec(show, names)
    record = netcon.RecordEvent(("::1", 1), netcon.decode(b"6,1,2,-;text\n rack=7\n"))
    assert names["show"](record) == "[::1]:1 text {'rack': '7'}"
    assert names["show"](netcon.LostEvent(("::1", 1), "announced", 3)) == "[::1]:1 lost 3: announced"
    assert json.loads(names["show"](netcon.ForgottenEvent(("::1", 1))))["event"] == "forgotten"
    done = eval(compile(by_asyncio, "python.md", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), names)
    asyncio.run(done)
    assert names["rx"].closed and names["event"].record.text == "hello"
    exec(capture, names)
    assert list(names["frame"].columns[:4]) == ["time", "sender", "host", "kind"] and len(names["frame"]) > 10
    exec(crashes, names)
    assert "BUG: unable to handle kernel NULL pointer dereference in pond_open" in capsys.readouterr().out
