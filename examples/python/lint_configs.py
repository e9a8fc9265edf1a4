"""Checks every boot config in a directory tree, for continuous integration.

python lint_configs.py DIRECTORY [KERNEL]       exit code 1 after an error or a warning
"""

import sys
from pathlib import Path

import netcon


def check(path: Path, kernel: str | None) -> int:
    format = netcon.config_format(str(path))
    if format is None or not path.is_file():
        return 0
    text = path.read_bytes()
    bad = 0
    for finding in netcon.lint_config(text, format, kernel):
        begin = finding.where.begin
        line = text.count(b"\n", 0, begin) + 1
        column = begin - text.rfind(b"\n", 0, begin)
        print(f"{path}:{line}:{column}: {finding.severity}: {finding.message} [{finding.code}]")
        bad += finding.severity != "note"
    return bad


def main(directory: str, kernel: str | None = None) -> int:
    return 1 if sum(check(path, kernel) for path in sorted(Path(directory).rglob("*"))) else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
