# SPDX-License-Identifier: MIT
"""For mkdocs: files outside docs/ that its pages link to become files of the site, and so do the references of C++ and
Python, made from the comments of headers and modules."""

import os
import pathlib
import re

from mkdocs.structure.files import File, Files

TOP = pathlib.Path(__file__).resolve().parents[1]
OUTSIDE = re.compile(r"\[([^\]]*)\]\(\.\./((?:examples)/[^)#]*)\)")


# The modules whose names programs use.
PYTHON = {
    "netcon": "check, decode, receive, send",
    "netcon.aio": "the same for asyncio",
    "netcon.configfs": "targets of a running kernel",
}
CPP_WITHOUT_DOXYGEN = """# C++ reference

This site was built without Doxygen, which makes the reference: `sh tests/package/doxygen.sh . build/reference`.
"""


def add_python(files: Files, config) -> None:
    for module, about in PYTHON.items():
        text = (
            f"# {module}\n\nWhat is in the module: {about}. The [guide](../../python.md) comes first.\n\n::: {module}\n"
        )
        files.append(File.generated(config, f"reference/python/{module}.md", content=text))


def add_cpp(files: Files, config) -> None:
    """NETCON_CPP_REFERENCE names the directory of Doxygen's HTML."""
    made = os.environ.get("NETCON_CPP_REFERENCE")
    text = CPP_WITHOUT_DOXYGEN
    if made:
        text = (
            "# C++ reference\n\n[Every public type and function](headers/index.html), made from the comments of the headers. "
            "The [pages for each job](../../cpp/README.md) have whole programs.\n"
        )
        for path in sorted(pathlib.Path(made).rglob("*")):
            if path.is_file():
                where = f"reference/cpp/headers/{path.relative_to(made)}"
                files.append(File.generated(config, where, abs_src_path=str(path)))
    files.append(File.generated(config, "reference/cpp/index.md", content=text))


def on_files(files: Files, config) -> Files:
    add_python(files, config)
    add_cpp(files, config)
    for page in pathlib.Path(config.docs_dir).glob("*.md"):
        for _, path in OUTSIDE.findall(page.read_text()):
            if (TOP / path).is_file() and files.get_file_from_path(path) is None:
                files.append(File.generated(config, path, abs_src_path=str(TOP / path)))
    return files


def on_page_markdown(markdown: str, **_: object) -> str:
    def link(match: re.Match) -> str:
        text, path = match.groups()
        # A directory is no file of a site: its name is enough.
        return f"[{text}]({path})" if (TOP / path).is_file() else text

    return OUTSIDE.sub(link, markdown)
