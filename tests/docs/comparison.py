#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Sends the same packets to receivers and holds the table of docs/comparison.md against what they write.

A receiver that this machine lacks is skipped with its name. syslog-ng cannot be installed beside rsyslog: where it is
missing its packages are fetched and unpacked. Usage: comparison.py NETCON
"""

import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs/comparison.md"
PATIENCE = 60  # seconds, for a machine that is busy

FIRST = b"6,9,500,-;the first one"
LONG = b"begin " + b"x" * 1200 + b" end"
FRAGMENTS = [
    b"6,10,1000,-,ncfrag=0/%d;%s" % (len(LONG), LONG[:900]),
    b"6,10,1000,-,ncfrag=900/%d;%s" % (len(LONG), LONG[900:]),
]
ESCAPE = b"6,11,2000,-;colour \x1b[31mred"  # what a forger sends: a kernel escapes it
AFTER_A_GAP = b"6,15,3000,-;after three that are missing"
SECOND_SENDER = b"6,500,1000,-;from the second sender"
MARKER = b"6,16,4000,-;that was all"


def unpack_syslog_ng(directory: pathlib.Path) -> pathlib.Path | None:
    """A root with syslog-ng in it, of Debian's packages; None where they cannot be had."""
    packages = ["syslog-ng-core", "libivykis0", "libnet1", "libpcre3"]
    try:
        subprocess.run(["apt-get", "download", *packages], cwd=directory, capture_output=True, check=True, timeout=120)
        for package in directory.glob("*.deb"):
            subprocess.run(["dpkg", "-x", package, directory / "root"], check=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        return None
    return directory / "root"


def syslog_ng(port: int, directory: pathlib.Path) -> list[str]:
    (directory / "syslog-ng.conf").write_text(
        f'@version: 3.38\nsource s {{ network(transport("udp") ip("127.0.0.1") port({port})); }};\n'
        f'destination d {{ file("{directory}/out"); }};\nlog {{ source(s); destination(d); }};\n'
    )
    files = [f"--cfgfile={directory}/syslog-ng.conf", f"--pidfile={directory}/pid", f"--control={directory}/control"]
    command = ["syslog-ng", "-F", "--no-caps", *files, f"--persist-file={directory}/persist"]
    root = None if shutil.which("syslog-ng", path="/usr/sbin") else unpack_syslog_ng(directory)
    if root is not None:
        modules = next(root.glob("usr/lib/syslog-ng/[0-9]*"), root)
        libraries = [*root.glob("usr/lib/*-linux-gnu*"), *root.glob("lib/*-linux-gnu*"), root / "usr/lib/syslog-ng"]
        command[0] = str(root / "usr/sbin/syslog-ng")
        command += [f"--module-path={modules}"]
        command = ["env", "LD_LIBRARY_PATH=" + os.pathsep.join(map(str, libraries)), *command]
    return command


def rsyslog(port: int, directory: pathlib.Path) -> list[str]:
    (directory / "rsyslog.conf").write_text(
        f'module(load="imudp")\ninput(type="imudp" address="127.0.0.1" port="{port}")\n'
        f'action(type="omfile" file="{directory}/out")\n'
    )
    return ["rsyslogd", "-n", "-f", f"{directory}/rsyslog.conf", "-i", f"{directory}/pid"]


def command_of(name: str, netcon: str, port: int, directory: pathlib.Path) -> list[str]:
    """How a receiver is started, as its manual or the kernel's documentation has it."""
    match name:
        case "nc (OpenBSD)":
            return ["nc.openbsd", "-u", "-l", str(port)]
        case "nc (traditional)":
            return ["nc.traditional", "-u", "-l", "-p", str(port)]
        case "socat":
            return ["socat", "-u", f"UDP-RECV:{port}", "-"]
        case "rsyslog":
            return rsyslog(port, directory)
        case "syslog-ng":
            return syslog_ng(port, directory)
        case "netcon":
            return [netcon, "listen", f"127.0.0.1:{port}"]
    raise KeyError(name)


def wait_for(condition, what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(0.02)


def is_bound(port: int) -> bool:
    return any(
        f":{port:04X} " in line
        for name in ("udp", "udp6")
        for line in pathlib.Path("/proc/net", name).read_text().splitlines()
    )


def what_is_written(command: list[str], port: int, directory: pathlib.Path) -> bytes:
    """All that a receiver writes of the packets."""
    out = directory / "out"
    with (directory / "stdout").open("wb") as stdout:
        receiver = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.DEVNULL)

    def written() -> bytes:
        return b"".join(one.read_bytes() for one in (directory / "stdout", out) if one.exists())

    try:
        wait_for(lambda: is_bound(port), f"{command[0]} does not listen")
        with (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as first,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as second,
        ):
            to = ("127.0.0.1", port)
            first.sendto(FIRST, to)
            # A receiver that keeps to one sender has chosen by then.
            wait_for(lambda: b"the first one" in written(), f"{command[0]} writes nothing")
            for packet in (*FRAGMENTS, ESCAPE, AFTER_A_GAP):
                first.sendto(packet, to)
            second.sendto(SECOND_SENDER, to)
            first.sendto(MARKER, to)
            wait_for(lambda: b"that was all" in written(), f"{command[0]} does not write the last packet")
    finally:
        receiver.terminate()
        receiver.wait(PATIENCE)
    return written()


def answers(written: bytes) -> list[str]:
    """The cells of a receiver, in the order of the table."""
    lines = written.replace(b"\r", b"").split(b"\n")
    is_whole = any(LONG in line for line in lines)
    own_line = any(line.rstrip().endswith(b"after three that are missing") for line in lines)
    cells = [
        own_line,
        is_whole,
        b"lost" in written,
        b"\x1b" not in written,
        b"from the second sender" in written,
    ]
    return ["yes" if one else "no" for one in cells]


def table() -> dict[str, list[str]]:
    """The columns of the page."""
    rows = [
        [cell.strip() for cell in line.strip().strip("|").split("|")]
        for line in PAGE.read_text().splitlines()
        if line.startswith("|") and not line.startswith("| ---")
    ]
    return {name: [row[i] for row in rows[1:]] for i, name in enumerate(rows[0]) if i != 0}


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def main(netcon: str) -> int:
    failures = 0
    for name, expected in table().items():
        with tempfile.TemporaryDirectory() as directory:
            port = free_port()
            command = command_of(name, netcon, port, pathlib.Path(directory))
            program = shutil.which(command[0]) or shutil.which(f"/usr/sbin/{command[0]}")
            if program is None:
                print(f"SKIP: {name}: no {command[0]}")
                continue
            command[0] = program
            try:
                found = answers(what_is_written(command, port, pathlib.Path(directory)))
            except TimeoutError as problem:
                # Other programs may be kept from it, such as by AppArmor.
                if name == "netcon":
                    raise
                print(f"SKIP: {name}: {problem}")
                continue
        print(f"{name}: {', '.join(found)}")
        if found != expected:
            print(f"  docs/comparison.md has {', '.join(expected)}")
            failures += 1
    return 1 if failures else 0


sys.exit(main(*sys.argv[1:]))
