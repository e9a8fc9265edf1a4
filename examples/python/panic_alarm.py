"""Runs a command with the sender and the last lines when a kernel crashes: python panic_alarm.py PORT COMMAND..."""

import re
import subprocess
import sys
from collections import deque

import netcon

CRASH = re.compile(r"Kernel panic|BUG: |Oops|general protection fault|unable to handle")


def main(port: int, command: list[str]) -> None:
    last: dict[netcon.Endpoint, deque[str]] = {}
    with netcon.Receiver(port, reorder=0.2) as rx:
        print("listening on", rx.address, flush=True)
        for event in rx.records():
            (lines := last.setdefault(event.sender, deque(maxlen=50))).append(str(event.record))
            if CRASH.search(event.record.text):
                subprocess.run([*command, str(event.sender)], input="\n".join(lines), text=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
