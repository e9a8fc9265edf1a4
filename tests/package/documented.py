# SPDX-License-Identifier: MIT
"""Checks what Doxygen does not warn of: enumerators without a comment (before 1.9.7), types that it lost while it read a
header, and comments that differ from a table.

Usage: documented.py XML_DIRECTORY HEADERS. The XML is Doxygen's of these headers.
"""

import re
import sys
from pathlib import Path
from xml.etree import ElementTree

# Header, enumeration, header of the table, and which text of a row is the enumerator's comment.
TABLES = [
    ("core/error.hpp", "text_errc", "core/error_texts.hpp", 1),
    ("core/kernel.hpp", "feature", "core/kernel.hpp", -1),
    ("core/linux_errno.hpp", "linux_errno", "core/linux_errno.hpp", 1),
]


def text_of(element: ElementTree.Element, *names: str) -> str:
    return "".join("".join(found.itertext()) for name in names for found in element.findall(name)).strip()


def without_comment(xml: Path) -> list[str]:
    problems = []
    checked = 0
    for file in sorted(xml.glob("*.xml")):
        compounds = ElementTree.parse(file).getroot()
        members = [m for c in compounds if c.get("prot") != "private" for m in c.iter("memberdef")]
        for enumeration in members:
            if enumeration.get("kind") != "enum" or enumeration.get("prot") == "private":
                continue
            place = enumeration.find("location")
            for value in enumeration.findall("enumvalue"):
                checked += 1
                if not text_of(value, "briefdescription", "detaileddescription"):
                    name = f"{text_of(enumeration, 'name')}::{text_of(value, 'name')}"
                    problems.append(f"{place.get('file')}:{place.get('line')}: {name} is not documented")
    if checked < 100:
        problems.append(f"{xml}: only {checked} enumerators found")
    return problems


def public_types(header: str) -> list[str]:
    """The types at the level of a namespace that is neither detail nor internal."""
    found, hidden = [], False
    for line in header.splitlines():
        if re.match(r"namespace (inline |\w+::)*(detail|internal) \{", line):
            hidden = True
        elif re.match(r"\}  // namespace (inline |\w+::)*(detail|internal)$", line):
            hidden = False
        elif not hidden and (
            name := re.match(r"(?:class|struct|enum class) (?:\[\[\w+\]\] )?(\w+)(?!\w|::).*\{$", line)
        ):
            found.append(name[1])
    return found


def lost(xml: Path, headers: Path) -> list[str]:
    index = ElementTree.parse(xml / "index.xml").getroot()
    known = {text_of(compound, "name").split("::")[-1].split("<")[0].strip() for compound in index}
    known |= {text_of(m, "name") for compound in index for m in compound if m.get("kind") == "enum"}
    files = [p for p in sorted(headers.rglob("*.hpp")) if not {"detail", "internal", "crash", "output"} & set(p.parts)]
    return [f"{p}: Doxygen lost {name}" for p in files for name in public_types(p.read_text()) if name not in known]


def comments(header: str, enum: str) -> dict[str, str]:
    body = re.search(rf"enum class (?:\[\[nodiscard\]\] )?{enum} [^{{]*\{{(.*?)\n\}};", header, re.DOTALL)[1]
    joined = re.sub(r"\n +///< ", " ", body)
    return dict(re.findall(r"^ +(\w+)(?: = \d+)?, +///< (.*)$", joined, re.MULTILINE))


def rows(table: str, enum: str, column: int) -> dict[str, str]:
    found = {}
    for name, rest in re.findall(rf'^    \{{{enum}::(\w+),(.*?"\}}),$', table, re.DOTALL | re.MULTILINE):
        texts = re.findall(r'"((?:[^"\\]|\\.)*)"', re.sub(r'"\s+"', "", rest))
        found[name] = texts[column]
    return found


def differing(headers: Path) -> list[str]:
    problems = []
    for header, enum, table, column in TABLES:
        said = comments((headers / header).read_text(), enum)
        meant = rows((headers / table).read_text(), enum, column)
        if len(meant) < 20:
            problems.append(f"{table}: only {len(meant)} rows found")
        problems += [
            f"{header}: {enum}::{name} says {said.get(name)!r}, the table {text!r}"
            for name, text in meant.items()
            if said.get(name, "").replace("`", "") != text
        ]
    return problems


if __name__ == "__main__":
    xml, headers = map(Path, sys.argv[1:])
    problems = without_comment(xml) + lost(xml, headers) + differing(headers)
    print("\n".join(problems), end="\n" if problems else "")
    sys.exit(1 if problems else 0)
