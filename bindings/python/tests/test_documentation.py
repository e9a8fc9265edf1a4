# SPDX-License-Identifier: MIT
"""The examples in docstrings run, the types are right, and the stubs say what the extension has."""

from __future__ import annotations

import doctest
import importlib.metadata
import importlib.util
import json
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import netcon
import netcon._columns
import netcon._core
import netcon._errors
import netcon._lint
import netcon._logging
import netcon._parameter
import netcon._probe
import netcon._receive
import netcon._values
import netcon._wire
import pytest
from netcon import configfs

TOP = Path(__file__).resolve().parents[3]
MODULES = [
    netcon, configfs, netcon._columns, netcon._core, netcon._errors, netcon._lint, netcon._logging,
    netcon._parameter, netcon._probe, netcon._receive, netcon._values, netcon._wire,
]  # fmt: skip
needs_mypy = pytest.mark.skipif(importlib.util.find_spec("mypy") is None, reason="mypy is not installed")


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.__name__)
def test_doctest(module: object) -> None:
    finder = doctest.DocTestFinder(exclude_empty=True)
    runner = doctest.DocTestRunner(verbose=False, optionflags=doctest.ELLIPSIS)
    for test in finder.find(module):
        runner.run(test)
    assert runner.summarize(verbose=False).failed == 0


def doc_tests_of_the_extension() -> list[object]:
    return [getattr(netcon._core, name) for name in dir(netcon._core) if not name.startswith("_")]


@pytest.mark.parametrize("thing", doc_tests_of_the_extension(), ids=lambda t: getattr(t, "__name__", "value"))
def test_doctest_of_the_extension(thing: object) -> None:
    text = getattr(thing, "__doc__", None) or ""
    if ">>>" not in text or isinstance(thing, str):
        return
    test = doctest.DocTestParser().get_doctest(text, {}, getattr(thing, "__name__", ""), None, 0)
    runner = doctest.DocTestRunner(verbose=False)
    runner.run(test)
    assert runner.summarize(verbose=False).failed == 0


def check(*command: str) -> None:
    package = str(Path(netcon.__file__).parents[1])
    result = subprocess.run(
        [sys.executable, "-m", *command],
        capture_output=True,
        text=True,
        cwd=TOP if (TOP / "pyproject.toml").exists() else None,
        env={**os.environ, "MYPYPATH": package if "site-packages" not in package else "", "PYTHONPATH": package},
    )
    assert result.returncode == 0, result.stdout + result.stderr


@needs_mypy
def test_stubs() -> None:
    allowed = Path(__file__).with_name("stubtest_allowlist.txt")
    check("mypy.stubtest", "netcon", "--ignore-disjoint-bases", "--allowlist", str(allowed))


def programs_of_the_guide(folder: Path) -> list[Path]:
    """What docs/python.md shows, as modules; not the one with pandas, which has no types of its own."""
    written = []
    text = (TOP / "docs" / "python.md").read_text(encoding="utf-8")
    for at, code in enumerate(re.findall(r"```python\n(.*?)```", text, re.S)):
        if "pandas" in code:
            continue
        if code.startswith("async with"):
            code = "async def main() -> None:\n" + textwrap.indent(code, "    ")
        path = folder / f"guide_{at}.py"
        path.write_text(code if "import netcon" in code else f"import netcon\n\n{code}", encoding="utf-8")
        written.append(path)
    assert len(written) == 4
    return written


@needs_mypy
@pytest.mark.parametrize("part", ["bindings/python/netcon", "bindings/python/tests", "examples/python"])
def test_types(part: str, tmp_path: Path) -> None:
    if not (TOP / part).exists():
        pytest.skip("needs a source checkout")
    files = [path for path in sorted((TOP / part).glob("*.py")) if path.name != "capture_plot.py"]
    if part == "examples/python":
        files += programs_of_the_guide(tmp_path)
    check("mypy", "--strict", *map(str, files))


def test_types_of_the_plot(tmp_path: Path) -> None:
    """Where pandas has types. Those of matplotlib are too few for pyright's strict mode."""
    plot = TOP / "examples" / "python" / "capture_plot.py"
    try:
        importlib.metadata.distribution("pandas-stubs")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("pandas-stubs is not installed")
    if not plot.exists():
        pytest.skip("needs a source checkout")
    check("mypy", "--strict", str(plot))
    command = [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, str(plot)]
    result = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    if not re.search(r"\d errors?, ", result.stdout):
        pytest.skip(f"pyright does not run here: {result.stdout[-200:]} {result.stderr[-200:]}")
    assert result.returncode == 0, result.stdout


MISTAKES = {
    "for e in rx: print(e.record.text)": "None",
    "for e in rx: print(e.missing.begin)": "begin",
    "netcon.Receiver(wings=1)": "wings",
    "netcon.Receiver(reorder='soon')": "reorder|str",
    "netcon.Receiver(min_level='loud')": "min_level|loud",
    "netcon.lint_config('', 'grubb')": "grubb|format",
    "netcon.Recever()": "Recever",
    "netcon.Event('wings', ('::1', 1))": "wings|kind",
    "for e in rx.records(): print(e.record.text.begin)": "begin",
    "netcon.LogHandler('h', wings=1)": "wings",
    "netcon.configfs.remove('x', netcon.Settings())": "Settings",
}
RIGHT = """
import netcon
from typing import Literal

def kind_of(e: netcon.AnyEvent) -> str:
    if e.kind == "lost":
        return str(e.count + 1)
    if isinstance(e, netcon.RecordEvent | netcon.LateEvent):
        return e.record.text
    return e.kind

def describe(e: netcon.AnyEvent) -> str:
    match e:
        case netcon.RecordEvent(sender, record, conflict):
            return f"{sender.host} {record.text} {conflict.bit_length()}"
        case netcon.LostEvent(_, cause, count):
            why: Literal["sequence_gap", "msgid_gap", "announced", "impossible"] = cause
            return why * count
        case _:
            return e.to_json()

def main(rx: netcon.Receiver) -> None:
    limits: netcon.Limits = {"age": 1.0}
    netcon.Collector(**limits)
    for e in rx.records(min_level="error"):
        print(e.record.text.upper(), e.record.userdata["rack"].upper())
    for one in rx.batch(1.0, max=3, linger=0.5):
        print(describe(one), kind_of(one))
    with netcon.Receiver(0, **limits) as other:
        other.stop()
"""


def program(line: str) -> str:
    return f"import netcon\n\ndef main(rx: netcon.Receiver) -> None:\n    {line}\n"


@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_checkers_see_mistakes(checker: str, tmp_path: Path) -> None:
    """Each mistake is an error in its own file; the right program has none."""
    pytest.importorskip(checker)
    (tmp_path / "right.py").write_text(RIGHT)
    for at, line in enumerate(MISTAKES):
        (tmp_path / f"wrong{at}.py").write_text(program(line))
    package = str(Path(netcon.__file__).parents[1])
    (tmp_path / "pyrightconfig.json").write_text(
        json.dumps({"typeCheckingMode": "strict", "extraPaths": [package], "include": [str(tmp_path)]})
    )
    command = {
        "mypy": ["-m", "mypy", "--strict", *map(str, sorted(tmp_path.glob("*.py")))],
        "pyright": ["-m", "pyright", "--pythonpath", sys.executable, "-p", str(tmp_path)],
    }[checker]
    result = subprocess.run(
        [sys.executable, *command],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "MYPYPATH": package if "site-packages" not in package else "", "PYTHONPATH": package},
    )
    reports = [line for line in result.stdout.splitlines() if " error: " in line or " - error" in line]
    if checker == "pyright" and not reports:
        pytest.skip(f"pyright does not run here: {result.stdout[-200:]} {result.stderr[-200:]}")
    assert not [line for line in reports if "right.py" in line], reports
    for at, (line, says) in enumerate(MISTAKES.items()):
        assert any(f"wrong{at}.py" in one and re.search(says, one) for one in reports), (line, result.stdout)


def test_pyright_passes_the_examples(tmp_path: Path) -> None:
    """And what the guide shows: all but those of libraries without types of their own."""
    pytest.importorskip("pyright")
    if not (TOP / "examples" / "python").exists():
        pytest.skip("needs a source checkout")
    for path in (TOP / "examples" / "python").glob("*.py"):
        if path.name != "capture_plot.py":
            (tmp_path / path.name).write_bytes(path.read_bytes())
    programs_of_the_guide(tmp_path)
    package = str(Path(netcon.__file__).parents[1])
    (tmp_path / "pyrightconfig.json").write_text(
        json.dumps({"typeCheckingMode": "strict", "extraPaths": [package], "include": [str(tmp_path)]})
    )
    command = [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, "-p", str(tmp_path)]
    result = subprocess.run(command, capture_output=True, text=True)
    if not re.search(r"\d errors?, ", result.stdout):
        pytest.skip(f"pyright does not run here: {result.stdout[-200:]} {result.stderr[-200:]}")
    assert result.returncode == 0, result.stdout


def test_stub_has_the_docstrings_of_the_extension() -> None:
    script = TOP / "bindings" / "python" / "stub" / "docstrings.py"
    if not script.exists():
        pytest.skip("needs a source checkout")
    package = str(Path(netcon.__file__).parents[1])
    result = subprocess.run(
        [sys.executable, str(script), "--check"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": package},
    )
    assert result.returncode == 0, result.stderr


def test_version_is_the_library_s() -> None:
    header = TOP / "include" / "netcon" / "version.hpp"
    if not header.exists():
        pytest.skip("needs a source checkout")
    numbers = [line.split()[-1] for line in header.read_text().splitlines() if line.startswith("#define")]
    assert netcon.__version__ == ".".join(numbers)
