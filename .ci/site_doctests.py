# SPDX-License-Identifier: MIT
"""For mkdocstrings: what a docstring shows at the prompt of Python becomes a block of code."""

from typing import Any

import griffe


def fenced(text: str) -> str:
    """The text with a fence around each prompt and what follows it up to an empty line."""
    out, is_open = [], False
    for line in text.splitlines():
        if not is_open and line.startswith(">>> "):
            if out and out[-1]:
                out.append("")
            out.append("```pycon")
            is_open = True
        elif is_open and not line:
            out.append("```")
            is_open = False
        out.append(line)
    return "\n".join([*out, "```"] if is_open else out)


class Doctests(griffe.Extension):
    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        if obj.docstring:
            obj.docstring.value = fenced(obj.docstring.value)
