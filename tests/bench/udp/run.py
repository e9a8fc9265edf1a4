#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Receivers side by side under the same flood over loopback: processor time of each packet, and what was lost.

Each round runs every receiver once, so that a busy machine is busy for all of them; the table shows medians and the
ratio to the bare loop of the same kind, or of two outputs to one. Prints Markdown."""

import argparse
import os
import pathlib
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Receiver:
    """name, baseline (or None), and the command for a port and an output file."""

    def __init__(self, name, baseline, command, tool=False):
        self.name, self.baseline, self.command, self.tool = name, baseline, command, tool
        self.nanoseconds, self.in_kernel, self.lost, self.packets, self.growth = [], [], [], [], []

    def resident(self, pid):
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1])

    def run(self, flood, size, seconds, rate, folder):
        port = free_port()
        out = folder / "out"
        with open(out, "wb") as stdout, open(folder / "err", "wb+") as stderr:
            process = subprocess.Popen(self.command(port, folder / "file"), stdout=stdout, stderr=stderr)
            while b"ready" not in out.read_bytes()[:5] and b"listening" not in (folder / "err").read_bytes():
                time.sleep(0.01)
            sender = subprocess.Popen([flood, str(port), str(size), str(seconds), str(rate)], stdout=subprocess.PIPE)
            time.sleep(seconds / 2)
            half = self.resident(process.pid)
            sent = int(sender.communicate()[0])
            time.sleep(0.3)
            self.growth.append(self.resident(process.pid) - half)
            os.kill(process.pid, signal.SIGTERM)
            _, _, usage = os.wait4(process.pid, 0)
            process.returncode = 0
        if self.tool:
            err = (folder / "err").read_bytes()
            got = int(re.search(rb"received \d+ records, (\d+) packets", err)[1])
            # Each output may have some; what arrived but is not written is lost too.
            self.lost.append(sum(map(int, re.findall(rb"(\d+) records not written", err))))
        else:
            got = int(out.read_bytes().split()[1])
            self.lost.append(0)
        for file in folder.iterdir():
            file.unlink()
        self.nanoseconds.append((usage.ru_utime + usage.ru_stime) * 1e9 / max(got, 1))
        self.in_kernel.append(usage.ru_stime / max(usage.ru_utime + usage.ru_stime, 1e-9))
        self.lost[-1] += sent - got
        self.packets.append(got)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--programs", type=pathlib.Path, required=True)
    parser.add_argument("--tool", required=True)
    parser.add_argument("--before", help="another tool, such as one before a change, in the same rounds")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--folder", help="where files are written [a temporary one]")
    options = parser.parse_args()
    bare, counted, flood = (str(options.programs / name) for name in ("bare", "counted", "flood"))

    def listen(tool, name, baseline, *outputs):
        def command(port, file):
            places = [word for output in outputs for word in ("--to", output.format(file) + ",rotate-size=0")]
            return [tool, "listen", f"127.0.0.1:{port}", *places]

        return Receiver(name, baseline, command, tool=True)

    def rows_of(tool, name, first):
        return [
            listen(tool, f"{name}, text to a file", 2, "full@{}"),
            listen(tool, f"{name}, JSON to a file", 2, "json@{}"),
            listen(tool, f"{name}, text to two files", first, "full@{}", "full@{}-2"),
            listen(tool, f"{name}, JSON to two files", first + 1, "json@{}", "json@{}-2"),
            listen(tool, f"{name}, text and JSON", first + 1, "full@{}", "json@{}-2"),
        ]

    def receivers():
        out = [
            Receiver("bare loop, packets dropped", None, lambda port, file: [bare, str(port)]),
            Receiver("library, events counted", 0, lambda port, file: [counted, str(port)]),
            Receiver("bare loop, packets appended to a file", None, lambda port, file: [bare, str(port), str(file)]),
        ]
        out += rows_of(options.tool, "netcon listen", len(out))
        if options.before:
            out += rows_of(options.before, "before", len(out))
        return out

    for size, rate, title in (
        (100, 0, "100 bytes, flat out"),
        (1000, 0, "1,000 bytes, flat out"),
        (100, 300000, "100 bytes, 300,000 packets a second"),
    ):
        runs = receivers()
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            for _ in range(options.rounds):
                for receiver in runs:
                    receiver.run(flood, size, options.seconds, rate, pathlib.Path(folder))
        print(f"\n{title}\n")
        print(
            "| receiver | ns of CPU a packet | in the kernel | ratio | packets received | lost | memory growth, KiB |"
        )
        print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
        for receiver in runs:
            time_each = statistics.median(receiver.nanoseconds)
            ratio = "1"
            if receiver.baseline is not None:
                ratio = f"{time_each / statistics.median(runs[receiver.baseline].nanoseconds):.2f}"
            print(
                f"| {receiver.name} | {time_each:.0f} | {statistics.median(receiver.in_kernel):.0%} | {ratio} | {sum(receiver.packets)} | {sum(receiver.lost)} "
                f"| {max(receiver.growth)} |"
            )
        sys.stdout.flush()


if __name__ == "__main__":
    main()
