#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Holds docs/kernel-messages.md against `netcon explain --log`: what the page says of each line is what the tool says.

Usage: kernel_messages.py NETCON [--write]      --write makes the page
"""

import json
import pathlib
import subprocess
import sys

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs/kernel-messages.md"
HEAD = """# What the kernel says about netconsole

The kernel checks a set-up once, in its log, and says nothing of it anywhere else. Search this page for the line that
`dmesg` shows. `netcon explain --log` does the same with a whole log, for each target that it names; `netcon doctor` looks at
the machine itself ([doctor](doctor.md)). The names of devices, addresses and targets are examples.

"""
SECTIONS = {
    "The parameter is refused": [
        "netpoll: netconsole: couldn't parse config at '10.0.0.2'!",
        "netpoll: netconsole: warning: whitespace is not allowed",
        "netconsole: string doesn't fit in 255 chars.",
        "netconsole: `maybe' invalid for parameter `oops_only'",
        "netconsole: unknown parameter 'netconsol' ignored",
        "netconsole: Netconsole configuration error. Release feature requires extended log message",
        "netconsole: cleaning up",
    ],
    "The target is not enabled": [
        "netpoll: netconsole: eth0 doesn't exist, aborting",
        "netpoll: netconsole: eth0 is a slave device, aborting",
        "netpoll: netconsole: wlan0 doesn't support polling, aborting",
        "netpoll: netconsole: no IP address for eth0, aborting",
        "netpoll: netconsole: no IPv6 address for eth0, aborting",
        "netpoll: netconsole: IPv6 is not supported eth0, aborting",
        "netpoll: netconsole: failed to open eth0",
        "netpoll: netconsole: remote IPv4 address 0.0.0.0",
        "netconsole: Not enabling netconsole for cmdline0. Netpoll setup failed",
        "netconsole: Not enabling netconsole. Release feature requires extended log message",
        "netpoll: netconsole: invalid IPv6 address at: <x>",
        "netconsole: target (web) is enabled, disable to update parameters",
    ],
    "It stops": [
        "netconsole: network logging stopped on interface eth0 as it unregistered",
        "netconsole: network logging stopped on interface eth0 as it is joining a master device",
        "netconsole: network logging stopped on interface bond0 as it released slaves",
        "printk: console [netcon0] disabled",
        "printk: console [netcon_ext0] disabled",
    ],
    "It looks well, and may not be": [
        "netconsole: network logging started",
        "netpoll: netconsole: remote ethernet address ff:ff:ff:ff:ff:ff",
        "netpoll: netconsole: timeout waiting for carrier",
        "netpoll: netconsole: carrier detect appears untrustworthy, waiting 4 seconds",
        "netpoll: netconsole: device eth0 not up yet, forcing it",
        "netconsole: network logging has already started",
        "netconsole: network logging has already stopped",
        "netconsole: network logging resumed on interface eth0",
        "printk: console [netcon0] enabled",
        "printk: console [netcon_ext0] enabled",
    ],
}


def page(netcon: str) -> str:
    lines = [line for section in SECTIONS.values() for line in section]
    command = [netcon, "explain", "--log", "-", "--json"]
    run = subprocess.run(command, input="\n".join(lines) + "\n", capture_output=True, text=True, check=False)
    if run.returncode not in (0, 1):
        raise RuntimeError(run.stderr)
    found = {one["line"]: one for one in json.loads(run.stdout)["lines"]}
    out = HEAD
    for heading, section in SECTIONS.items():
        out += f"## {heading}\n\n| line | what it means | what helps |\n| --- | --- | --- |\n"
        for line in section:
            one = found[line]
            if one["severity"] == "unknown":
                raise RuntimeError(f"not known: {line}")
            remedy = f"`{one['remedy']}`" if "remedy" in one else ""
            out += f"| `` {line} `` | {one['meaning']} | {remedy} |\n"
        out += "\n"
    return out.rstrip("\n") + "\n"


def main(netcon: str, *options: str) -> int:
    wanted = page(netcon)
    if "--write" in options:
        PAGE.write_text(wanted)
    if PAGE.read_text() == wanted:
        return 0
    print("docs/kernel-messages.md says something else: kernel_messages.py NETCON --write makes it")
    return 1


sys.exit(main(*sys.argv[1:]))
