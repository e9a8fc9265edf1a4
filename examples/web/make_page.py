# SPDX-License-Identifier: MIT
"""Puts module, script and style into the page: one file that needs nothing else and may connect to nothing.

Usage: make_page.py SOURCE_DIR MODULE.wasm PAGE.html
"""

import base64
import gzip
import hashlib
import pathlib
import sys


def source_hash(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def main(source: pathlib.Path, module: pathlib.Path, page: pathlib.Path) -> None:
    style = (source / "style.css").read_text()
    script = (source / "checker.js").read_text() + (source / "page.js").read_text()
    policy = {
        "default-src": "'none'",
        "script-src": f"{source_hash(script)} 'wasm-unsafe-eval'",
        "style-src": source_hash(style),
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    # The same bytes each time: without the time of packing.
    packed = gzip.compress(module.read_bytes(), mtime=0)
    parts = {
        "@POLICY@": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "@STYLE@": style,
        "@MODULE@": base64.b64encode(packed).decode(),
        "@SCRIPT@": script,
    }
    text = (source / "page.html").read_text()
    for name, part in parts.items():
        text = text.replace(name, part)
    page.write_text(text)
    print(f"{page}: the module takes {len(packed)} bytes compressed, the page {page.stat().st_size} bytes")


main(*map(pathlib.Path, sys.argv[1:]))
