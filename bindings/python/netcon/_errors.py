"""What goes wrong with texts and packets. What goes wrong with the operating system is OSError."""

from __future__ import annotations

from typing import Any

from . import _core


class Error(ValueError):
    """A text, packet or value that netcon cannot take.

    code: the stable kebab-case name of the mistake, as in docs/errors.md
    message: what is wrong
    hint: what to write instead
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

    subject: the name, key or attribute that is at fault
    """

    subject: str

    def __init__(self, code: str, message: str, subject: str = "") -> None:
        super().__init__(code, message, "")
        self.args = (code, message, subject)
        self.subject = subject


class RouteError(OSError):
    """The kernel's tables know no way that netconsole could take.

    hint: what to do about it
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

    text: what was given
    start, end: the place, so that text[start:end] is what is wrong
    """

    text: str | bytes
    start: int
    end: int

    def __init__(self, code: str, message: str, hint: str, text: str | bytes = "", start: int = 0, end: int = 0) -> None:
        super().__init__(code, message, hint)
        self.args = (code, message, hint, text, start, end)
        self.text = text
        self.start = start
        self.end = end

    @classmethod
    def at_bytes(cls, code: str, message: str, hint: str, text: Any, offset: int, length: int) -> ParseError:
        """From a place counted in bytes, which in a str are not characters."""
        if not isinstance(text, (str, bytes)):
            text = bytes(text)
        start, end = char_span(text, offset, offset + length)
        return cls(code, message, hint, text, start, end)

    def __str__(self) -> str:
        quoted = self.quote()
        lines = [self.message, *quoted]
        if self.hint:
            lines.append(f"hint: {self.hint}")
        return "\n".join(lines)

    def quote(self) -> list[str]:
        """The part of the text around the place, and a line with a caret under it."""
        if not self.text:
            return []
        first, last = byte_offset(self.text, self.start), byte_offset(self.text, self.end)
        return _core.quoted(self.text, first, last).split("\n")


def byte_offset(text: str | bytes, index: int) -> int:
    """An index of the text's own items as one of its bytes."""
    return len(text[:index].encode("utf-8", "surrogateescape")) if isinstance(text, str) else index


def char_span(text: str | bytes, start: int, end: int) -> tuple[int, int]:
    """A range of bytes as a range of the text's own items; a character that is cut counts whole."""
    if not isinstance(text, str) or text.isascii():
        return start, end
    raw = text.encode("utf-8", "surrogateescape")
    first = _char_index(raw, start)
    last = _char_index(raw, end)
    if last < len(text) and len(text[:last].encode("utf-8", "surrogateescape")) < end:
        last += 1
    return first, last


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
