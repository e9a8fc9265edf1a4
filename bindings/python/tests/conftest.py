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
CORPUS = Path(os.environ.get("NETCON_CORPUS", DATA / "corpus"))


def corpus(part: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The first line of a part of the corpus, which holds for all rows, and the rows."""
    path = CORPUS / f"{part}.jsonl"
    if not path.exists():
        pytest.skip(f"no {path} here: the tests need a source checkout")
    with open(path, encoding="ascii") as lines:
        head, *rows = map(json.loads, lines)
    assert (head["corpus"], head["part"], head["rows"]) == (1, part, len(rows))
    return head, rows


def corpus_bytes(text: str | None) -> bytes:
    """The corpus holds one character a byte."""
    return (text or "").encode("latin-1")


def record_of(event: netcon.Event) -> netcon.Record:
    """The record of an event that must have one."""
    assert event.record is not None
    return event.record
