# SPDX-License-Identifier: MIT
"""The recorded answers of real kernels, shared with the C++ tests."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import netcon
import pytest

DATA = Path(os.environ.get("NETCON_TEST_DATA", Path(__file__).resolve().parents[3] / "tests" / "data"))
KERNELS = {"v6.1": "6.1.192", "v6.12": "6.12.117", "vNEW": "7.3.4"}


def rows(name: str) -> list[dict[str, Any]]:
    """The rows of a vector file, without its first line, which says what the fields are."""
    path = DATA / "vectors" / name
    if not path.exists():
        pytest.skip(f"no {path} here: the tests need a source checkout")
    with open(path, encoding="utf-8") as lines:
        return [row for row in map(json.loads, lines) if "meta" not in row]


def one_byte_each(text: str) -> bytes:
    """The vectors hold one character a byte."""
    return text.encode("latin-1")


def record_of(event: netcon.Event) -> netcon.Record:
    """The record of an event that must have one."""
    assert event.record is not None
    return event.record
