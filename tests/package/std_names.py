#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes a program that names everything public at namespace level where std and netcon are both in sight: what clashes
with a name of std is an error of its own.

Usage: std_names.py XML_DIRECTORY. The XML is Doxygen's of the public headers.
"""

import sys
from pathlib import Path
from xml.etree import ElementTree

HEADERS = """
algorithm any array atomic barrier bit bitset charconv chrono codecvt compare complex concepts condition_variable contracts
coroutine debugging deque exception execution expected filesystem flat_map flat_set format forward_list fstream functional
future generator hazard_pointer hive inplace_vector initializer_list iomanip ios iosfwd iostream istream iterator latch
limits linalg list locale map mdspan memory memory_resource meta mutex new numbers numeric optional ostream print queue
random ranges ratio rcu regex scoped_allocator semaphore set shared_mutex simd source_location span spanstream sstream
stack stacktrace stdexcept stdfloat stop_token streambuf string string_view strstream syncstream system_error text_encoding
thread tuple type_traits typeindex typeinfo unordered_map unordered_set utility valarray variant vector version
cassert cctype cerrno cfenv cfloat cinttypes climits clocale cmath csetjmp csignal cstdarg cstddef cstdint cstdio cstdlib
cstring ctime cuchar cwchar cwctype
""".split()

# Both are named as in std on purpose: the namespace is inline, so its operators are in sight without naming it; and the
# kinds of events are written event::any, for a directive for all kinds would bring names as short as `record`.
SAME_ON_PURPOSE = {"netcon::literals", "netcon::event::any"}


def public_names(xml: Path) -> dict[str, set[str]]:
    """The names at the level of each public namespace."""
    names: dict[str, set[str]] = {}
    compounds = ElementTree.parse(xml / "index.xml").getroot()
    namespaces = {c.findtext("name") for c in compounds if c.get("kind") == "namespace"}
    namespaces = {n for n in namespaces if n.split("::")[0] == "netcon"}
    for compound in compounds:
        name = compound.findtext("name")
        parent, _, last = name.rpartition("::")
        if parent in namespaces and compound.get("kind") in ("class", "struct", "union", "namespace"):
            names.setdefault(parent, set()).add(last.split("<")[0].strip())
        if name in namespaces and compound.get("kind") == "namespace":
            members = {m.findtext("name") for m in compound.findall("member") if m.get("kind") != "enumvalue"}
            names.setdefault(name, set()).update(m for m in members if m.isidentifier())
    return names


def main() -> None:
    names = public_names(Path(sys.argv[1]))
    if sum(map(len, names.values())) < 300:
        sys.exit(f"only {sum(map(len, names.values()))} names in {sys.argv[1]}")
    for header in HEADERS:
        print(f"#if __has_include(<{header}>)\n#include <{header}>\n#endif")
    print("#include <netcon/netcon.hpp>\n#include <netcon/os.hpp>\n#include <netcon/ostream.hpp>")
    for namespace in sorted(names):
        both = f"both_{namespace.replace('::', '_')}"
        print(f"namespace {both} {{\nusing namespace std;\nusing namespace {namespace};\n}}")
        print(f"namespace use_{both} {{")
        for name in sorted(names[namespace]):
            full_name = f"{namespace}::{name}"
            if full_name in SAME_ON_PURPOSE:
                continue
            # A using-declaration takes all but a namespace; one of its names instead.
            used = f"{name}::{min(names[full_name])}" if full_name in names else name
            print(f"namespace of_{name} {{ using {both}::{used}; }}  // {full_name}")
        print("}")
    print("int main() {}")


if __name__ == "__main__":
    main()
