"""Runs a command when a kernel crashes. The records of an oops or a panic become one report.

python panic_alarm.py PORT COMMAND...       the command reads the report from standard input; $1 is the sender
"""

import re
import subprocess
import sys
from collections import deque
from dataclasses import dataclass, field

import netcon

BEGINS = re.compile(r"Kernel panic|^BUG: |^Oops|general protection fault|unable to handle|watchdog: BUG")
ENDS = re.compile(r"---\[ end ")


@dataclass
class Host:
    before: deque[str] = field(default_factory=lambda: deque(maxlen=10))
    report: list[str] = field(default_factory=list)


def main(port: int, command: list[str], reports: int = -1) -> None:
    hosts: dict[netcon.Endpoint, Host] = {}
    with netcon.Receiver(port, reorder=0.2) as rx:
        print("listening on", rx.address, flush=True)
        while reports != 0:
            events = rx.batch(1)
            quiet = not events
            for event in events:
                if event.record is None:
                    continue
                host = hosts.setdefault(event.sender, Host())
                line = str(event.record)
                if host.report or BEGINS.search(event.record.text):
                    host.report.append(line)
                else:
                    host.before.append(line)
            for sender, host in hosts.items():
                # A dead kernel falls silent: the report ends here.
                if host.report and (quiet or ENDS.search(host.report[-1])):
                    lines = [*host.before, "--"] + host.report
                    subprocess.run([*command, str(sender)], input="\n".join(lines) + "\n", text=True, check=False)
                    host.report.clear()
                    reports -= 1


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
