# SPDX-License-Identifier: MIT
"""Errors of texts and packets. Errors of the operating system are OSError."""

from __future__ import annotations

import bisect
import itertools
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
        return cls(code, message, hint, text, Places(text).char_range(begin, end))

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
        return _core.quoted(self.text, *Places(self.text).byte_range(where)).split("\n")


class Places:
    """The bytes of a text and its own items, which in a str are not the same: ranges of one as those of the other."""

    _PIECE = 64  # characters; a range is looked for in one piece only

    def __init__(self, text: str | bytes) -> None:
        self._text = text
        self._begins: list[int] | None = None  # the first byte of each piece; None where items are bytes
        if isinstance(text, str) and not text.isascii():
            sizes = (self._size(at, at + self._PIECE) for at in range(0, len(text), self._PIECE))
            self._begins = list(itertools.accumulate(sizes, initial=0))

    def char_range(self, begin: int, end: int) -> TextRange:
        """A range of bytes as a range of the text's own items; a partly covered character counts whole."""
        if self._begins is None:
            return TextRange(begin, end)
        first, last = self._char_index(begin), self._char_index(end)
        if last < len(self._text) and self._offset(last) < end:
            last += 1
        return TextRange(first, last)

    def byte_range(self, where: TextRange) -> tuple[int, int]:
        """A range of the text's own items as a range of its bytes."""
        begin, end = where
        if not 0 <= begin <= end <= len(self._text):
            raise ValueError(f"the text has no range from {begin} to {end}: it is not the text of the finding")
        return self._offset(begin), self._offset(end)

    def _size(self, begin: int, end: int) -> int:
        piece = self._text[begin:end]
        return len(piece.encode("utf-8", "surrogateescape") if isinstance(piece, str) else piece)

    def _offset(self, index: int) -> int:
        """The first byte of the item with that index."""
        if self._begins is None:
            return index
        piece = index // self._PIECE
        return self._begins[piece] + self._size(piece * self._PIECE, index)

    def _char_index(self, offset: int) -> int:
        """The index of the character that the byte at offset belongs to."""
        assert self._begins is not None
        piece = bisect.bisect_right(self._begins, offset, hi=len(self._begins) - 1) - 1
        index, at = piece * self._PIECE, self._begins[piece]
        while index < len(self._text) and (at := at + self._size(index, index + 1)) <= offset:
            index += 1
        return index
