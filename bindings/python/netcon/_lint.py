"""Findings about a parameter: what the kernel refuses, and what it takes but nobody meant."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any, Literal, Optional, overload

from . import _core
from ._errors import char_span
from ._parameter import KernelLike, Text

Severity = Literal["note", "warning", "error"]


@dataclasses.dataclass(frozen=True)
class Fix:
    """Replace text[start:end] by text."""

    start: int
    end: int
    text: str


@dataclasses.dataclass(frozen=True)
class Finding:
    """One thing to say about a text.

    severity: 'error' (the kernel refuses it), 'warning' (taken, but hardly meant) or 'note'
    code: stable, kebab-case; docs/errors.md has a section for each
    start, end: the place, so that text[start:end] is meant
    fix: what to type instead, where that is known
    """

    severity: Severity
    code: str
    start: int
    end: int
    message: str
    hint: str
    fix: Optional[Fix] = None


def lint(text: Text, kernel: KernelLike = None) -> list[Finding]:
    """All findings about a parameter on that kernel; there is an error exactly when the kernel refuses it.

    >>> import netcon
    >>> text = "@/eth0,66666@10.0.0.2/"
    >>> found = netcon.lint(text)
    >>> found[0].severity, found[0].code, text[found[0].start : found[0].end]
    ('error', 'port-out-of-range', '66666')
    """
    findings = []
    for severity, code, message, hint, offset, length, row in _core.lint(text, kernel):
        start, end = char_span(text, offset, offset + length)
        fix = None if row is None else _fix_in(text, *row)
        findings.append(Finding(severity, code, start, end, message, hint, fix))
    return findings


def _fix_in(text: Text, offset: int, length: int, replacement: bytes) -> Fix:
    start, end = char_span(text, offset, offset + length)
    if isinstance(text, str):
        # A fix that begins or ends inside a character takes the rest of it along.
        raw = text.encode("utf-8", "surrogateescape")
        first, last = _byte(text, start), _byte(text, end)
        replacement = raw[first:offset] + replacement + raw[offset + length : last]
    return Fix(start, end, replacement.decode("utf-8", "surrogateescape"))


def _byte(text: Text, index: int) -> int:
    return index if isinstance(text, bytes) else len(text[:index].encode("utf-8", "surrogateescape"))


def _row(text: Text, fix: Fix) -> tuple[int, int, str]:
    first = _byte(text, fix.start)
    return first, _byte(text, fix.end) - first, fix.text


@overload
def apply_fixes(text: str, findings: Iterable[Finding]) -> str: ...
@overload
def apply_fixes(text: bytes, findings: Iterable[Finding]) -> bytes: ...
def apply_fixes(text: Any, findings: Iterable[Finding]) -> Any:
    """The text with the fixes of these findings carried out.

    >>> import netcon
    >>> text = '"@/eth0,@10.0.0.2/'
    >>> netcon.apply_fixes(text, netcon.lint(text))
    '@/eth0,@10.0.0.2/'
    """
    fixed = _core.apply_fixes(text, [_row(text, f.fix) for f in findings if f.fix is not None])
    return fixed if isinstance(text, bytes) else fixed.decode("utf-8", "surrogateescape")


def render(text: Text, finding: Finding) -> str:
    """The finding with the quoted text and a caret under the place, as compilers show it."""
    first = _byte(text, finding.start)
    length = _byte(text, finding.end) - first
    fix = None if finding.fix is None else _row(text, finding.fix)
    return _core.render(text, finding.severity, finding.code, first, length, fix)
