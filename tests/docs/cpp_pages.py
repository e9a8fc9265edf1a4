#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compiles the program of each page of docs/cpp/, runs it as the page says and compares what it prints.

A page has one block of C++ that is a whole program, and one indented block that begins with "$ program ARGUMENTS"
and goes on with the output. Usage: cpp_pages.py COMPILER [PAGE...]
"""

import pathlib
import re
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
PAGES = TOP / "docs/cpp"


def parts(text):
    """The program, the arguments and the output; None for a page without a program."""
    programs = re.findall(r"^```cpp\n(.*?)^```$", text, re.M | re.S)
    if not programs:
        return None
    if len(programs) != 1:
        raise ValueError("more than one program")
    session = re.search(r"^    \$ program(.*)\n((?:    .*\n|\n(?=    ))*)", text, re.M)
    if session is None:
        raise ValueError("no run of the program")
    output = "\n".join(line[4:] for line in session[2].splitlines())
    return programs[0], session[1].strip(), output


def check(page, compiler, work):
    found = parts(page.read_text(encoding="utf-8"))
    if found is None:
        return True
    program, arguments, expected = found
    source, binary = work / f"{page.stem}.cpp", work / page.stem
    source.write_text(program, encoding="utf-8")
    flags = ["-std=c++23", "-O0", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror"]
    built = subprocess.run(
        [compiler, *flags, f"-I{TOP}/include", source, "-o", binary], capture_output=True, text=True, check=False
    )
    if built.returncode != 0:
        print(f"{page.name}: does not compile\n{built.stderr}")
        return False
    run = subprocess.run(
        ["sh", "-c", f"'{binary}' {arguments}"], capture_output=True, text=True, cwd=TOP, timeout=60, check=False
    )
    if run.stdout.rstrip("\n") != expected or run.stderr:
        print(f"{page.name}: prints\n{run.stdout}{run.stderr}where the page says\n{expected}")
        return False
    return True


def main():
    compiler, *names = sys.argv[1:]
    pages = [PAGES / name for name in names] or sorted(PAGES.glob("*.md"))
    with tempfile.TemporaryDirectory() as work:
        bad = [page.name for page in pages if not check(page, compiler, pathlib.Path(work))]
    sys.exit(f"pages that are wrong: {' '.join(bad)}" if bad else 0)


if __name__ == "__main__":
    main()
