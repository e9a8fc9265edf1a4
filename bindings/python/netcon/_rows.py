# SPDX-License-Identifier: MIT
"""Rows of plain values, of which the package makes its classes."""

from __future__ import annotations

from typing import Literal, Optional, TypeAlias

Severity: TypeAlias = Literal["note", "warning", "error"]

#: extended, release, local_port, local_ip, device name, device MAC, remote_port, remote_ip, remote_mac
TargetRow: TypeAlias = tuple[
    bool,
    bool,
    Optional[int],
    Optional[bytes],
    Optional[str],
    Optional[str],
    Optional[int],
    bytes,
    Optional[str],
]
#: the same with dev_name and dev_mac, nothing absent that the kernel has a default for
SettingsRow: TypeAlias = tuple[bool, bool, int, Optional[bytes], str, Optional[str], int, bytes, str]
#: settings, enabled, userdata, sysdata switches, local_mac, transmit_errors, unknown files
StateRow: TypeAlias = tuple[
    SettingsRow,
    bool,
    tuple[tuple[str, str], ...],
    tuple[bool, bool, bool, bool],
    str,
    Optional[int],
    tuple[tuple[str, bytes], ...],
]
#: severity, code, message, hint, begin, end, fix (begin, end, text)
FindingRow: TypeAlias = tuple[Severity, str, str, str, int, int, Optional[tuple[int, int, bytes]]]
