# SPDX-License-Identifier: MIT
"""Refuses interpreters in which the extension would hang: it uses CPython's API for the main interpreter."""

from __future__ import annotations

import sys
from typing import Any

try:
    _known: Any = __import__("_interpreters" if sys.version_info >= (3, 13) else "_xxsubinterpreters")
except ImportError:
    _known = None

if _known is not None and _known.get_current() != _known.get_main():
    raise ImportError("netcon works in the main interpreter only, not in a subinterpreter")
