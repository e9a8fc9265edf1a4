# SPDX-License-Identifier: MIT
"""A kernel booted without IPv6: `netcon listen` says that it has IPv4 only, and receives."""

import json

from listener import TOOL
from machine import with_libraries
from outcome import Outcome

SCRIPT = """
netcon listen --json > /out/heard 2> /out/notes &
for i in 1 2 3 4 5 6 7 8 9 10; do grep -q listening /out/notes && break; sleep 1; done
echo "over IPv4" | netcon send 127.0.0.1 > /out/sent 2>&1
sleep 1
killall netcon
sleep 1
"""


def without_ipv6(kernel):
    files = with_libraries("bin/netcon", TOOL)
    got = kernel.boot(SCRIPT, files, "loglevel=5 ipv6.disable=1", memory=512, name="without_ipv6")
    texts = [json.loads(line)["text"] for line in got["heard"].decode().splitlines()]
    notes = got["notes"].decode()
    seen = [
        ("it says so", "no IPv6 on this machine: IPv4 only" in notes),
        ("it listens on every address", "listening on 0.0.0.0:6666" in notes),
        ("the record arrives", texts == ["over IPv4"]),
    ]
    wrong = [f"without_ipv6: not so: {what}" for what, holds in seen if not holds]
    return Outcome(len(seen), len(wrong), [*wrong, *([notes] if wrong else [])])
