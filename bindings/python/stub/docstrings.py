# SPDX-License-Identifier: MIT
"""Writes the docstrings of the extension into its stub, where editors look: python docstrings.py [--check]

Takes the netcon that is imported, so build it first and set PYTHONPATH. The types in the stub are written by hand.
"""

from __future__ import annotations

import ast
import inspect
import sys
from pathlib import Path

from netcon import _core

STUB = Path(__file__).parents[1] / "netcon" / "_core.pyi"


def doc_of(name: str, owner: str | None) -> str | None:
    thing = getattr(_core, name if owner is None else owner, None)
    if owner is not None:
        thing = vars(thing).get(name) if isinstance(thing, type) else None
    doc = getattr(thing, "__doc__", None)
    if thing is None or not isinstance(doc, str) or not doc.strip() or name.startswith("__"):
        return None
    # pybind11 writes the types of its own into functions without docstrings: they differ between its versions.
    return None if doc.startswith(f"{name}(") else inspect.cleandoc(doc)


def quoted(doc: str, indent: str) -> str:
    text = doc.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    lines = text.split("\n")
    if len(lines) == 1:
        return f'{indent}"""{text}"""\n'
    rest = "".join(f"{indent}{line}\n" if line else "\n" for line in lines[1:])
    return f'{indent}"""{lines[0]}\n{rest}{indent}"""\n'


def documented(source: str) -> str:
    """The stub with the docstrings of now: those that are there are left out first."""
    lines = source.splitlines(keepends=True)
    edits: list[tuple[int, int, str]] = []

    def visit(node: ast.ClassDef | ast.FunctionDef, owner: str | None) -> None:
        first = node.body[0]
        has_doc = (
            isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
        )
        is_overload = isinstance(node, ast.FunctionDef) and any(
            isinstance(one, ast.Name) and one.id == "overload" for one in node.decorator_list
        )
        doc = None if is_overload else doc_of(node.name, owner)
        indent = " " * (node.col_offset + 4)
        if isinstance(node, ast.ClassDef):
            begin = first.lineno - 1
            begin -= len(getattr(first, "decorator_list", []))
            end = first.end_lineno if has_doc and first.end_lineno else begin
            edits.append((begin, end, "" if doc is None else quoted(doc, indent)))
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef):
                    visit(inner, node.name)
        elif has_doc and first.end_lineno:
            edits.append((first.lineno - 1, first.end_lineno, f"{indent}...\n" if doc is None else quoted(doc, indent)))
        elif doc is not None:
            # "...": on the line of the signature's end.
            at = first.lineno - 1
            edits.append((at, at + 1, lines[at][: first.col_offset].rstrip() + "\n" + quoted(doc, indent)))

    for node in ast.parse(source).body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            visit(node, None)
    for begin, end, text in sorted(edits, reverse=True):
        lines[begin:end] = [text]
    return "".join(lines)


if __name__ == "__main__":
    old = STUB.read_text(encoding="utf-8")
    new = documented(old)
    if "--check" in sys.argv and old != new:
        sys.exit(f"{STUB} has other docstrings than the extension: run {Path(__file__).name}")
    STUB.write_text(new, encoding="utf-8")
