"""Runs a command with the host and the report when a kernel crashes: python panic_alarm.py PORT COMMAND..."""

import subprocess
import sys

import netcon

with netcon.Receiver(int(sys.argv[1]), reorder=0.2) as rx:
    print("listening on", rx.address, flush=True)
    for crash in netcon.crashes(rx):
        report = "\n".join([*crash.before, *crash.text])
        subprocess.run([*sys.argv[2:], crash.host, crash.title], input=report, text=True)
