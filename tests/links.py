#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks that the relative links of Markdown files lead to a file, and to a heading where they name one.

Usage: python3 tests/links.py FILE...
"""

import pathlib
import re
import sys


def without_code(text):
    return re.sub(r"^(```+).*?^\1|`[^`\n]*`", "", text, flags=re.DOTALL | re.MULTILINE)


def anchors(path):
    """The names that GitHub gives to headings."""
    seen, result = {}, set()
    text = re.sub(r"^(```+).*?^\1", "", path.read_text(), flags=re.DOTALL | re.MULTILINE)
    for heading in re.findall(r"^#+ +(.*?)\s*#*$", text, re.MULTILINE):
        heading = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading)
        name = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        count = seen.get(name, 0)
        seen[name] = count + 1
        result.add(f"{name}-{count}" if count else name)
    return result


def broken(path):
    for target in re.findall(r"\]\(\s*<?([^)\s>]+)", without_code(path.read_text())):
        if re.match(r"[a-z][a-z+.-]*:", target):
            continue
        name, _, anchor = target.partition("#")
        file = path.parent / name if name else path
        if not file.exists():
            yield f"{target}: there is no such file"
        elif anchor and file.suffix == ".md" and anchor not in anchors(file):
            yield f"{target}: there is no such heading"


def main():
    found = [f"{name}: {problem}" for name in sys.argv[1:] for problem in broken(pathlib.Path(name))]
    print("\n".join(found), file=sys.stderr, end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
