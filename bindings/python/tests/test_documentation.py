"""The examples in docstrings run, the types are right, and the stubs say what the extension has."""

from __future__ import annotations

import doctest
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import netcon
import netcon._columns
import netcon._core
import netcon._errors
import netcon._lint
import netcon._logging
import netcon._parameter
import netcon._receive
import netcon._values
import netcon._wire
import pytest
from netcon import configfs

TOP = Path(__file__).resolve().parents[3]
MODULES = [
    netcon, configfs, netcon._columns, netcon._core, netcon._errors, netcon._lint, netcon._logging,
    netcon._parameter, netcon._receive, netcon._values, netcon._wire,
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


@needs_mypy
@pytest.mark.parametrize("part", ["bindings/python/netcon", "bindings/python/tests", "examples/python"])
def test_types(part: str) -> None:
    if not (TOP / part).exists():
        pytest.skip("needs a source checkout")
    files = [str(path) for path in sorted((TOP / part).glob("*.py")) if path.name != "capture_plot.py"]
    check("mypy", "--strict", *files)


def test_version_is_the_library_s() -> None:
    header = TOP / "include" / "netcon" / "version.hpp"
    if not header.exists():
        pytest.skip("needs a source checkout")
    numbers = [line.split()[-1] for line in header.read_text().splitlines() if line.startswith("#define")]
    assert netcon.__version__ == ".".join(numbers)
