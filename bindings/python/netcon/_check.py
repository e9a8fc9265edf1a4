# SPDX-License-Identifier: MIT
"""Checks of arguments; the exceptions name them."""

from __future__ import annotations

import datetime
import operator
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, SupportsFloat, SupportsIndex, Union

if TYPE_CHECKING:
    from typing_extensions import Self

MOST_COUNT = 2**64 - 1

#: A duration: seconds as a number, or a timedelta.
Seconds = Union[SupportsFloat, datetime.timedelta]


class CheckedTuple:
    """Before the bases of a NamedTuple whose constructor checks: `_make()` and `_replace()` check too."""

    __slots__ = ()

    @classmethod
    def _make(cls, iterable: Iterable[Any]) -> Self:
        return cls(*iterable)


def integer(value: SupportsIndex, name: str, least: int, most: int) -> int:
    if isinstance(value, bool):
        raise TypeError(f"{name} must be an int, not bool")
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be an int, not {type(value).__name__}") from None
    if not least <= number <= most:
        raise ValueError(f"{name} must be from {least} to {most}")
    return number


def port_number(value: int, name: str) -> int:
    return integer(value, name, 0, 0xFFFF)


def flag(value: bool, name: str) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be True or False, not {type(value).__name__}")
    return value


def seconds(value: Seconds, name: str) -> float:
    if isinstance(value, datetime.timedelta):
        value = value.total_seconds()
    if isinstance(value, (str, bytes)) or not isinstance(value, SupportsFloat):
        raise TypeError(f"{name} must be seconds as a number, or a timedelta, not {type(value).__name__}")
    try:
        number = float(value)
    except OverflowError:  # an int
        number = float("inf")
    if not abs(number) <= 4.6e9:  # the extension's limit; nothing compares with NaN
        raise ValueError(f"{name} is out of range")
    return number


def text(value: str, name: str) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{name} must be str, not {type(value).__name__}")
    return value


def iterable(value: Iterable[Any], name: str, of: str) -> Iterable[Any]:
    """Anything iterable but str and bytes."""
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        raise TypeError(f"{name} must be a list of {of}, not {type(value).__name__}")
    return value


def pairs(value: Union[Mapping[Any, Any], Iterable[Any]], name: str) -> list[tuple[Any, Any]]:
    """Keys with their values, from a mapping or from a list of them."""
    rows = iterable(value.items() if isinstance(value, Mapping) else value, name, "pairs")
    return [_pair(row, name) for row in rows]


def _pair(row: Any, name: str) -> tuple[Any, Any]:
    """A text of two letters is none."""
    found = () if isinstance(row, (str, bytes)) or not isinstance(row, Iterable) else tuple(row)
    if len(found) != 2:
        raise TypeError(f"{name} must hold pairs of key and value")
    return found
