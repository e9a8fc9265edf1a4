# SPDX-License-Identifier: MIT
"""Findings about a parameter: errors that the kernel refuses, and mistakes that it accepts."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable
from typing import Any, Final, Literal, Optional, Union, cast, overload

from . import _core
from ._check import iterable
from ._check import text as _text
from ._errors import Places, TextRange
from ._parameter import Text
from ._rows import FindingRow, Severity
from ._values import KernelLike

#: A format of a boot config.
ConfigFormat = Literal[
    "cmdline", "cmdline.d", "cmdline.txt", "modprobe", "modules-load.d", "grub", "grub.cfg", "grubenv", "menu.lst", "bls", "extlinux", "ipxe",
    "u-boot", "bootconfig", "systemd", "nix", "sysconfig", "netconsole-setup", "eeprom", "shell", "source", "markup",
    "document", "patch", "text", "parameters",
]  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Fix:
    """Replace text[where.begin:where.end] by text."""

    where: TextRange
    text: str


@dataclasses.dataclass(frozen=True)
class Finding:
    """One finding about a text.

    severity: 'error' (the kernel refuses it), 'warning' (accepted, but probably a mistake) or 'note'
    code: stable, kebab-case; docs/errors.md has a section for each
    where: the place, text[where.begin:where.end]
    fix: the text to type instead, where it is known
    """

    severity: Severity
    code: str
    where: TextRange
    message: str
    hint: str
    fix: Optional[Fix] = None


def lint(text: Text, kernel: KernelLike = None) -> list[Finding]:
    """All findings about a parameter on that kernel; there is an error exactly when the kernel refuses it.

    >>> import netcon
    >>> text = "@/eth0,66666@10.0.0.2/"
    >>> found = netcon.lint(text)
    >>> found[0].severity, found[0].code, text[slice(*found[0].where)]
    ('error', 'port-out-of-range', '66666')
    """
    return _findings(text, _core.lint(text, kernel))


#: The words of the formats of lint_config(); docs/lint.md says what is read in each.
CONFIG_FORMATS: Final[tuple[ConfigFormat, ...]] = cast("tuple[ConfigFormat, ...]", _core.config_formats())


def lint_argument(text: Text, kernel: KernelLike = None) -> list[Finding]:
    """All findings about a parameter as people type it: VALUE, netconsole=VALUE, or a modprobe command.

    >>> import netcon
    >>> text = "modprobe netconsole netconsole=@/,@10.0.0.2"
    >>> [f.code for f in netcon.lint_argument(text) if f.severity == "error"]
    ['missing-second-slash']
    """
    return _findings(text, _core.lint_argument(text, kernel))


def lint_config(text: Text, format: ConfigFormat, kernel: KernelLike = None) -> list[Finding]:
    """All findings about the netconsole parameters of a whole text.

    format: one of CONFIG_FORMATS, such as 'cmdline' (/proc/cmdline), 'modprobe' (modprobe.d), 'grub' (/etc/default/grub)
    or 'text' (anything); config_format() derives it from path and text

    >>> import netcon
    >>> text = "options netconsole netconsole=@/,@10.0.0.256/"
    >>> [text[slice(*f.where)] for f in netcon.lint_config(text, "modprobe") if f.severity == "error"]
    ['10.0.0.256']
    """
    return _findings(text, _core.lint_config(text, _text(format, "format"), kernel))


def find_parameters(text: Text, format: ConfigFormat) -> list[str]:
    """The values of netconsole= in a text, as the kernel gets them, in the order of the text.

    >>> import netcon
    >>> netcon.find_parameters('root=/dev/sda1 netconsole="@/,@10.0.0.2/" quiet', "cmdline")
    ['@/,@10.0.0.2/']
    """
    return _core.find_parameters(text, _text(format, "format"))


def config_format(path: Union[Text, "os.PathLike[str]"], text: Optional[Text] = None) -> Optional[ConfigFormat]:
    """The format of a file by its path, or None; with its text by that too, and never None.

    >>> import netcon
    >>> netcon.config_format("/etc/modprobe.d/netconsole.conf")
    'modprobe'
    >>> netcon.config_format("load", "#!/bin/sh\\nmodprobe netconsole")
    'shell'
    """
    return cast(Optional[ConfigFormat], _core.config_format(os.fspath(path), text))


def is_text(content: Text) -> bool:
    """Whether the content of a file is a text, which lint_config() is for.

    >>> import netcon
    >>> netcon.is_text(b"\\x7fELF\\0\\0")
    False
    """
    return _core.is_text(content)


def boot_log(text: Text, kernel: KernelLike = None) -> list[str]:
    """The lines that the kernel logs about a parameter.

    >>> import netcon
    >>> netcon.boot_log("@/,@10.0.0.2/", "6.1")[-1]
    'netpoll: netconsole: remote ethernet address ff:ff:ff:ff:ff:ff'
    """
    return _core.boot_log(text, kernel)


def _findings(text: Text, rows: list[FindingRow]) -> list[Finding]:
    findings = []
    places = Places(text)
    for severity, code, message, hint, begin, end, row in rows:
        where = places.char_range(begin, end)
        fix = None if row is None else _fix_in(text, places, *row)
        findings.append(Finding(severity, code, where, message, hint, fix))
    return findings


def _fix_in(text: Text, places: Places, begin: int, end: int, replacement: bytes) -> Fix:
    where = places.char_range(begin, end)
    if isinstance(text, str):
        # A fix that begins or ends inside a character includes the rest of it.
        first, last = places.byte_range(where)
        raw = text[slice(*where)].encode("utf-8", "surrogateescape")
        replacement = raw[: begin - first] + replacement + raw[len(raw) - (last - end) :]
    return Fix(where, replacement.decode("utf-8", "surrogateescape"))


@overload
def apply_fixes(text: str, findings: Iterable[Finding]) -> str: ...
@overload
def apply_fixes(text: bytes, findings: Iterable[Finding]) -> bytes: ...
def apply_fixes(text: Any, findings: Iterable[Finding]) -> Any:
    """The text with the fixes of these findings applied.

    >>> import netcon
    >>> text = '"@/eth0,@10.0.0.2/'
    >>> netcon.apply_fixes(text, netcon.lint(text))
    '@/eth0,@10.0.0.2/'
    """
    rows, places = [], Places(text)
    for finding in iterable(findings, "findings", "Finding"):
        if not isinstance(finding, Finding):
            raise TypeError(f"findings must hold Finding, not {type(finding).__name__}")
        if finding.fix is not None:
            rows.append((*places.byte_range(finding.fix.where), finding.fix.text))
    fixed = _core.apply_fixes(text, rows)
    return fixed.decode("utf-8", "surrogateescape") if isinstance(text, str) else fixed


@overload
def fixed(text: str, kernel: KernelLike = None, format: Optional[ConfigFormat] = None) -> str: ...
@overload
def fixed(text: bytes, kernel: KernelLike = None, format: Optional[ConfigFormat] = None) -> bytes: ...
def fixed(text: Any, kernel: KernelLike = None, format: Optional[ConfigFormat] = None) -> Any:
    """A parameter, or with a format a whole text, with all fixes applied until none is left.

    >>> import netcon
    >>> netcon.fixed("netconsole=@/eth0,@010.0.0.2")
    '@/eth0,@10.0.0.2/'
    """
    better = _core.fixed(text, None if format is None else _text(format, "format"), kernel)
    return better.decode("utf-8", "surrogateescape") if isinstance(text, str) else better


def render(text: Text, finding: Finding, file: Optional[str] = None) -> str:
    """The finding with the quoted text and a caret under the place, as compilers show it.

    file: the text is that of a file; only the line of the place is shown, after FILE:LINE:COLUMN

    >>> import netcon
    >>> text = "@/,66666@10.0.0.2/"
    >>> print(netcon.render(text, netcon.lint(text)[0]))
    error: the port number is larger than 65535 [port-out-of-range]
      @/,66666@10.0.0.2/
         ^~~~~
      hint: write a decimal number from 0 to 65535
    """
    if not isinstance(finding, Finding):
        raise TypeError(f"finding must be a Finding, not {type(finding).__name__}")
    places = Places(text)
    fix = None if finding.fix is None else (*places.byte_range(finding.fix.where), finding.fix.text)
    name = None if file is None else _text(file, "file")
    return _core.render(text, finding.severity, finding.code, *places.byte_range(finding.where), fix, name)
