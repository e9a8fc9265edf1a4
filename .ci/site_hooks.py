# SPDX-License-Identifier: MIT
"""For mkdocs: files outside docs/ that its pages link to become files of the site."""

import pathlib
import re

from mkdocs.structure.files import File, Files

TOP = pathlib.Path(__file__).resolve().parents[1]
OUTSIDE = re.compile(r"\[([^\]]*)\]\(\.\./((?:examples)/[^)#]*)\)")


def on_files(files: Files, config) -> Files:
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
