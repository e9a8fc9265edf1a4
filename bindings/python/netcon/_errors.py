# SPDX-License-Identifier: MIT
"""Errors of texts and packets. Errors of the operating system are OSError."""

from __future__ import annotations

from typing import Any, NamedTuple

from . import _core


class TextRange(NamedTuple):
    """A place in a text: text[begin:end]."""

    begin: int
    end: int


class Error(ValueError):
    """A text, packet or value that netcon refuses.

    code: the stable kebab-case name of the error, as in docs/errors.md
    message: the error in words
    hint: how to fix it
    """

    code: str
    message: str
    hint: str

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(code, message, hint)
        self.code = code
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\nhint: {self.hint}" if self.hint else self.message


class EncodeError(Error):
    """A record that the given kernel cannot send."""


class PlanError(Error):
    """A state that configfs on the given kernel cannot hold.

    subject: the wrong name, key or attribute
    """

    subject: str

    def __init__(self, code: str, message: str, subject: str = "") -> None:
        super().__init__(code, message, "")
        self.args = (code, message, subject)
        self.subject = subject


class RouteError(OSError):
    """The kernel's tables have no route that netconsole could use.

    hint: how to fix it
    """

    hint: str

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.args = (message, hint)
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.args[0]}\nhint: {self.hint}"


class ParseError(Error):
    """A text or packet that cannot be read, and the place.

    text: the text that was given
    where: the wrong part, text[where.begin:where.end]
    """

    text: str | bytes
    where: TextRange

    def __init__(
        self, code: str, message: str, hint: str, text: str | bytes = "", where: tuple[int, int] = (0, 0)
    ) -> None:
        super().__init__(code, message, hint)
        self.text = text
        self.where = TextRange(*where)
        self.args = (code, message, hint, text, self.where)

    @classmethod
    def at_bytes(cls, code: str, message: str, hint: str, text: Any, begin: int, end: int) -> ParseError:
        """From a range of bytes, which in a str are not characters."""
        if not isinstance(text, (str, bytes)):
            text = bytes(text)
        return cls(code, message, hint, text, char_range(text, begin, end))

    def __str__(self) -> str:
        lines = [self.message, *self.quote()]
        if self.hint:
            lines.append(f"hint: {self.hint}")
        return "\n".join(lines)

    def quote(self) -> list[str]:
        """The text around the place, and a line with a caret under it."""
        if not self.text:
            return []
        begin, end, _ = slice(*self.where).indices(len(self.text))
        where = TextRange(begin, max(begin, end))
        return _core.quoted(self.text, *byte_range(self.text, where)).split("\n")


def char_range(text: str | bytes, begin: int, end: int) -> TextRange:
    """A range of bytes as a range of the text's own items; a partly covered character counts whole."""
    if not isinstance(text, str) or text.isascii():
        return TextRange(begin, end)
    raw = text.encode("utf-8", "surrogateescape")
    first = _char_index(raw, begin)
    last = _char_index(raw, end)
    if last < len(text) and len(text[:last].encode("utf-8", "surrogateescape")) < end:
        last += 1
    return TextRange(first, last)


def byte_range(text: str | bytes, where: TextRange) -> tuple[int, int]:
    """A range of the text's own items as a range of its bytes."""
    begin, end = where
    if not 0 <= begin <= end <= len(text):
        raise ValueError(f"the text has no range from {begin} to {end}: it is not the text of the finding")
    if not isinstance(text, str):
        return begin, end
    return len(text[:begin].encode("utf-8", "surrogateescape")), len(text[:end].encode("utf-8", "surrogateescape"))


def _char_index(raw: bytes, offset: int) -> int:
    """The index of the character that the byte at offset belongs to."""
    count = 0
    at = 0
    for char in raw.decode("utf-8", "surrogateescape"):
        at += len(char.encode("utf-8", "surrogateescape"))
        if at > offset:
            return count
        count += 1
    return count
