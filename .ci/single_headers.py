#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes one file for each umbrella header: netcon.hpp with all portable layers, netcon-wire.hpp, netcon-os.hpp, ...

Each file needs the standard library alone (netcon-format.hpp also fmt, netcon-os.hpp Linux). Several of them can be
included together, but not beside the folder netcon/: they define the same things.

Usage: python3 .ci/single_headers.py OUTPUT_DIRECTORY
"""

import pathlib
import re
import sys

TOP = pathlib.Path(__file__).resolve().parents[1]
INCLUDE = TOP / "include"
OWN = re.compile(r"^#include <(netcon/[^>]+)>$")


def version():
    text = (INCLUDE / "netcon/version.hpp").read_text(encoding="utf-8")
    return ".".join(re.search(rf"NETCON_VERSION_{part} (\d+)", text)[1] for part in ("MAJOR", "MINOR", "PATCH"))


def guard(name):
    return "NETCON_FILE_" + re.sub(r"[^A-Z0-9]", "_", name.removeprefix("netcon/").upper())


def body(name, done):
    """The lines of a header, with netcon's own includes replaced by what they include, each file once."""
    if name in done:
        return
    done.add(name)
    lines = (INCLUDE / name).read_text(encoding="utf-8").splitlines()
    yield f"#ifndef {guard(name)}"
    yield f"#define {guard(name)}"
    yield f"// {name}"
    for line in lines:
        if line == "#pragma once" or line.startswith("// SPDX-License-Identifier:"):
            continue
        if own := OWN.match(line):
            yield from body(own[1], done)
        elif line.startswith("#include <netcon/"):
            raise ValueError(f"{name}: {line}: one include a line, without a comment")
        else:
            yield line
    yield f"#endif  // {name}"


def single_header(name):
    notice = (TOP / "LICENSE").read_text(encoding="utf-8").strip().splitlines()
    head = ["// SPDX-License-Identifier: MIT"]
    head += [f"// netcon {version()}: {name} in one file. Generated; the sources are in include/netcon/.", "//"]
    head += [f"// {line}".rstrip() for line in notice]
    return "\n".join([*head, "#pragma once", *body(name, set())]) + "\n"


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: python3 .ci/single_headers.py OUTPUT_DIRECTORY")
    output = pathlib.Path(sys.argv[1])
    output.mkdir(parents=True, exist_ok=True)
    for path in sorted((INCLUDE / "netcon").glob("*.hpp")):
        stem = "netcon" if path.stem == "netcon" else f"netcon-{path.stem}"
        (output / f"{stem}.hpp").write_text(single_header(f"netcon/{path.name}"), encoding="utf-8")


if __name__ == "__main__":
    main()
