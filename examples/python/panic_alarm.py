"""Runs a command when a kernel dies: an oops or panic is many records, told as one report.

python panic_alarm.py PORT COMMAND...       the command gets the report on its standard input, and the sender as $1
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
class Machine:
    before: deque[str] = field(default_factory=lambda: deque(maxlen=10))
    report: list[str] = field(default_factory=list)


def main(port: int, command: list[str], reports: int = -1) -> None:
    machines: dict[netcon.Endpoint, Machine] = {}
    with netcon.Receiver(port, order=0.2) as rx:
        print("listening on", rx.address, flush=True)
        while reports != 0:
            events = rx.batch(1)
            quiet = not events
            for event in events:
                if event.record is None:
                    continue
                machine = machines.setdefault(event.sender, Machine())
                line = str(event.record)
                if machine.report or BEGINS.search(event.record.text):
                    machine.report.append(line)
                else:
                    machine.before.append(line)
            for sender, machine in machines.items():
                # A dead kernel falls silent: what came is what there is.
                if machine.report and (quiet or ENDS.search(machine.report[-1])):
                    lines = [*machine.before, "--"] + machine.report
                    subprocess.run([*command, str(sender)], input="\n".join(lines) + "\n", text=True, check=False)
                    machine.report.clear()
                    reports -= 1


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
