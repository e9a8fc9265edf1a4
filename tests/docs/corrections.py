#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Holds docs/corrections.md against the library: each wrong string is refused with the code that the page links, each
right one is taken, on every kernel listed.

Usage: corrections.py NETCON
"""

import json
import pathlib
import re
import subprocess
import sys

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs/corrections.md"
KERNELS = ("3.9", "4.19", "6.1", "6.12", "newest")


def strings_and_codes(text: str) -> tuple[list[str], list[str]]:
    """The indented lines, in turn wrong and right, and the codes that the page links."""
    return re.findall(r"^    (\S.*)$", text, re.M), re.findall(r"\[([a-z0-9-]+)\]\(errors\.md", text)


def errors_of(netcon: str, kernel: str, text: str) -> list[str]:
    command = [netcon, "lint", "--json", "--kernel", kernel, "--", text]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode not in (0, 1):
        raise RuntimeError(run.stderr)
    [source] = json.loads(run.stdout)["sources"]
    return [one["code"] for one in source["findings"] if one["severity"] == "error"]


def main(netcon: str) -> int:
    strings, codes = strings_and_codes(PAGE.read_text())
    failures = 0
    if len(strings) != 2 * len(codes) or not codes:
        print(f"{len(strings)} strings and {len(codes)} codes: each code needs a wrong and a right one")
        return 1
    for wrong, right, code in zip(strings[::2], strings[1::2], codes, strict=True):
        for kernel in KERNELS:
            for text, expected in ((wrong, [code]), (right, [])):
                found = errors_of(netcon, kernel, text)
                if found != expected:
                    print(f"Linux {kernel}: {text}: {found} instead of {expected}")
                    failures += 1
    print(f"{len(codes)} strings on {len(KERNELS)} kernels, {failures} failures")
    return 1 if failures else 0


sys.exit(main(*sys.argv[1:]))
