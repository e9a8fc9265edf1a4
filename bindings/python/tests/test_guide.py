# SPDX-License-Identifier: MIT
"""The lines of docs/python.md and README.md work as written."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import netcon
import pytest

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


def test_readme(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The receiver of the README, on a free port, stopped after one event."""
    if not (TOP / "README.md").exists():
        pytest.skip("needs a source checkout")
    (code,) = re.findall(r"```python\n(.*?)```", (TOP / "README.md").read_text(encoding="utf-8"), re.S)
    assert "netcon.Receiver(port=6666)" in code

    class Once(netcon.Receiver):
        def __init__(self, port: int) -> None:
            super().__init__(0, "127.0.0.1")
            with netcon.Sender("127.0.0.1", self.address.port) as tx:
                tx.send("hello")
            self.stop()

    monkeypatch.setattr(netcon, "Receiver", Once)
    exec(code, {})
    assert capsys.readouterr().out.endswith("] hello\n")
