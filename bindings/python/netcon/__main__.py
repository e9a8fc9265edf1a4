# SPDX-License-Identifier: MIT
"""Prints the records of a port or of a capture: python -m netcon [--json] [--level LEVEL] [PORT | CAPTURE]"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Iterator

import netcon


def events(source: str) -> Iterator[netcon.AnyEvent]:
    if not source.isdigit():
        yield from netcon.read_events(source)
        return
    with netcon.Receiver(int(source)) as rx:
        print(f"listening on {rx.address}", file=sys.stderr, flush=True)
        yield from rx


def line(event: netcon.AnyEvent) -> str:
    if event.record is None:
        count = f" {event.count}" if isinstance(event, netcon.LostEvent) else ""
        return f"{event.sender} -- {event.kind}{count}"
    level = "" if event.record.level is None else str(event.record.level)
    mark = "" if event.kind in ("record", "basic") else f" ({event.kind})"
    return f"{event.sender} {level:7} {event.record}{mark}"


def main() -> None:
    parser = argparse.ArgumentParser("python -m netcon", description="Prints the records that kernels send.")
    parser.add_argument(
        "source", nargs="?", default="6666", help="a port to listen to, or a capture file (default: 6666)"
    )
    parser.add_argument("--json", action="store_true", help="one object a line, as docs/json.md has them")
    parser.add_argument("--level", help="leave out less severe records: emerg to debug, or 0 to 7")
    parser.add_argument("--version", action="version", version=f"netcon {netcon.__version__}")
    args = parser.parse_args()
    try:
        is_number = args.level in [str(int(level)) for level in netcon.Level]
        level = None if args.level is None else netcon.Level(int(args.level) if is_number else args.level)
    except ValueError as problem:
        parser.error(str(problem))
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal may lack a character; the records go on
    try:
        for event in events(args.source):
            found = None if event.record is None else event.record.level
            if level is None or found is None or found <= level:
                print(event.to_json() if args.json else line(event), flush=True)
    except BrokenPipeError:
        # The reader has gone, as head does, and that is no fault. Python writes once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError) as problem:
        sys.exit(f"python -m netcon: {problem}")
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
