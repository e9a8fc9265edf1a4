# SPDX-License-Identifier: MIT
"""Checks of arguments; the exceptions name them."""

from __future__ import annotations

import datetime
import operator
from collections.abc import Iterable, Mapping
from typing import Any, SupportsFloat, SupportsIndex, Union

MOST_COUNT = 2**64 - 1

#: A duration: seconds as a number, or a timedelta.
Seconds = Union[SupportsFloat, datetime.timedelta]


def integer(value: SupportsIndex, name: str, least: int, most: int) -> int:
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
    number = float(value)
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


def pairs(value: Union[Mapping[Any, Any], Iterable[Any]], name: str) -> Iterable[Any]:
    """Keys with their values, from a mapping or from a list of them."""
    return iterable(value.items() if isinstance(value, Mapping) else value, name, "pairs")
