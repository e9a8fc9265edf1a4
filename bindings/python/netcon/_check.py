"""Arguments as they must be, or an exception that names them."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping
from typing import Any, SupportsIndex, Union

MOST_COUNT = 2**64 - 1


def integer(value: SupportsIndex, name: str, least: int, most: int) -> int:
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be an int, not {type(value).__name__}") from None
    if not least <= number <= most:
        raise ValueError(f"{name} must be from {least} to {most}")
    return number


def flag(value: bool, name: str) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be True or False, not {type(value).__name__}")
    return value


def text(value: str, name: str) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{name} must be str, not {type(value).__name__}")
    return value


def iterable(value: Iterable[Any], name: str, of: str) -> Iterable[Any]:
    """A str is one too, but never meant."""
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        raise TypeError(f"{name} must be a list of {of}, not {type(value).__name__}")
    return value


def pairs(value: Union[Mapping[Any, Any], Iterable[Any]], name: str) -> Iterable[Any]:
    """Keys with their values, from a mapping or from a list of them."""
    return iterable(value.items() if isinstance(value, Mapping) else value, name, "pairs")
