# SPDX-License-Identifier: MIT
"""The tool as a receiver on this machine's loopback, where QEMU's user networking takes the guest's packets."""

import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("NETCON_BUILD", TOP / "build/default"))
TOOL = BUILD / "examples/netcon/netcon"
GATEWAY_MAC = "52:55:0a:00:02:02"


def parameter_of(listeners):
    """netconsole= with a target for each of {"basic" or "extended": Listener}, in their order."""
    return ";".join(
        f"{'+' if form == 'extended' else ''}{6665 + number}@10.0.2.15/eth0,{one.port}@10.0.2.2/{GATEWAY_MAC}"
        for number, (form, one) in enumerate(listeners.items())
    )


class Listener:
    """`netcon listen --json` on a port of its own until stop(); the guest reaches it as `address` and `port`."""

    def __init__(self, six=False, options=()):
        self.address = "fec0::2" if six else "10.0.2.2"
        self.output = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [TOOL, "listen", "--json", "[::1]:0" if six else "127.0.0.1:0", *options],
            stdout=self.output,
            stderr=subprocess.PIPE,
        )
        self.events = None
        for note in iter(self.process.stderr.readline, b""):
            if found := re.match(rb"netcon: listening on .*:(\d+)$", note):
                self.port = int(found[1])
                break

    def stop(self):
        """The events, once it has ended."""
        if self.events is None:
            self.process.send_signal(signal.SIGINT)
            self.process.communicate(timeout=60)
            with self.output:
                self.output.seek(0)
                self.events = [json.loads(line) for line in self.output]
        return self.events
