#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Real kernels as judges: run.py short|long [VERSION...|all]

For each kernel of a distribution, booted in QEMU: random parameters to the module and random operations on its
configfs directory against the library, what `netcon listen` receives against the guest's own log, up to a panic, and
what `netcon suggest` and `netcon configfs` do in the guest. VERSION is a version or its beginning ("6.18.9", "6.12":
the newest), or "newest"; VERSION-amd64 has all drivers, which `wireless` needs. Without one the four kernels of CI are
run, with "all" every one of kernels.py. NETCON_CHECKS names the checks; `captures`, `wireless` and `without_ipv6` only run by name.
As many guests at once as there are processors, or NETCON_GUESTS. Ends with a table of what was compared.
Exit code: 0 when all agree, 1 with a difference; a kernel that cannot be had is skipped with the reason.
"""

import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import time
import typing

import kernels
from captures import captures
from corpus import corpus
from crash import crash
from crash_reports import crash_reports
from doctor import doctor
from features import features
from issues import issues
from listener import BUILD, TOP, Listener
from machine import Kernel, MachineDown
from outcome import Outcome
from probe import probe
from receiver import receiver
from suggest import panic, suggest
from wireless import wireless
from without_ipv6 import without_ipv6

CACHE = pathlib.Path(os.environ.get("NETCON_KERNEL_CACHE", TOP / "build/kernels"))
SIZES = {  # parameters, configfs operations, messages of the receiver's run
    "short": (150, 400, 60),
    "long": (1500, 2000, 300),
}
ATTEMPTS = 3

PARSER_SCRIPT = """
echo 1 > /proc/sys/kernel/printk
ip link add eth0 address 52:54:00:12:34:56 type dummy
ip addr add 10.0.2.15/24 dev eth0
ip addr add fec0::15/64 dev eth0
ip link set eth0 up
guest /job/ops /out/results /lib/modules/*/netconsole.ko
"""

CONFIGFS_SCRIPT = """
echo 1 > /proc/sys/kernel/printk
ip link add eth0 address 52:54:00:12:34:56 type dummy
ip link add eth1 address 52:54:00:12:34:57 type dummy
ip link add eth2 address 52:54:00:12:34:5a type dummy
ip link add br0 address 52:54:00:12:34:58 type bridge
modprobe bonding max_bonds=0
ip link add bond0 address 52:54:00:12:34:59 type bond
for d in default eth0 eth1 eth2 br0 bond0; do echo 1 > /proc/sys/net/ipv6/conf/$d/addr_gen_mode; done
ip addr add 10.0.2.15/24 dev eth0
ip addr add fec0::15/64 dev eth0
ip addr add fe80::15/64 dev eth0
ip addr add 10.0.3.15/24 dev eth1
ip addr add 10.0.6.15/24 dev eth2
ip addr add 10.0.4.15/24 dev br0
ip addr add 10.0.5.15/24 dev bond0
for d in eth0 eth1 eth2 br0 bond0; do ip link set $d up; done
guest /job/ops /out/results /lib/modules/*/netconsole.ko
"""


def judge(program, kernel, work, seed, count, script, name):
    ops, results = work / f"{name}.ops", work / f"{name}.results"
    subprocess.run([BUILD / "tests/kernel" / program, "make", str(seed), str(count), kernel.version, ops], check=True)
    got = kernel.boot(script, {"job/ops": ops.read_bytes()}, "quiet", network=False, timeout=300 + count, name=name)
    results.write_bytes(got["results"])
    done = subprocess.run(
        [BUILD / "tests/kernel" / program, "judge", kernel.version, ops, results],
        check=False,
        capture_output=True,
        text=True,
    )
    lines = (done.stdout + done.stderr).strip().splitlines()
    said = re.search(r"(\d+) compared, (\d+) differences$", lines[-1] if lines else "")
    compared, differences = map(int, said.groups()) if said else (0, 1)
    if said and compared < count and differences == 0:
        raise MachineDown(f"the guest answered {compared} of {count} operations")
    if done.returncode != 0:
        differences = max(differences, 1)
    return Outcome(compared, differences, lines)


def suggest_and_panic(kernel):
    """The option that suggest() writes is the one that the kernel of panic() is booted with."""
    at_boot = Listener()
    try:
        said, option = suggest(kernel, at_boot)
        return said + panic(kernel, at_boot, option)
    finally:
        at_boot.stop()


class Check(typing.NamedTuple):
    name: str
    run: typing.Callable


def attempt(check, kernel, report):
    """The check's outcome. A machine that does not come up says nothing about the library: its check begins again."""
    for _ in range(ATTEMPTS - 1):
        try:
            return check.run(kernel)
        except MachineDown as problem:
            report.append(f"   again: {str(problem).splitlines()[0]}")
    return check.run(kernel)


def examine(kernel, checks):
    """{name of the check: Outcome}; prints the report."""
    outcomes, report = {}, [f"== Linux {kernel.version} ({kernel.release})"]
    for check in checks:
        begun = time.monotonic()
        try:
            done = attempt(check, kernel, report)
        except MachineDown as problem:
            done = Outcome(0, 1, str(problem).splitlines())
        outcomes[check.name] = done
        report += [f"   {line}" for line in done.lines]
        report.append(f"   {check.name} {'ok' if done.good else 'FAILED'} after {time.monotonic() - begun:.1f} s")
    print("\n".join(report), flush=True)
    return outcomes


def table(checks, rows):
    """A table in Markdown: kernel by check, how much was compared and how much of it differed."""
    lines = ["| kernel | " + " | ".join(check.name for check in checks) + " |", "| --- " * (len(checks) + 1) + "|"]
    for name, outcomes in rows:
        if isinstance(outcomes, str):
            lines.append(f"| {name} | skipped: {outcomes} |" + " |" * (len(checks) - 1))
            continue
        cells = [outcomes[check.name] for check in checks]
        lines.append(f"| {name} | " + " | ".join(cell.text() for cell in cells) + " |")
    return "\n".join(lines)


def main():
    form = sys.argv[1] if len(sys.argv) > 1 else "short"
    if form not in SIZES:
        sys.exit(__doc__)
    parameters, operations, texts = SIZES[form]
    seed = int(os.environ.get("NETCON_SEED", "1"))
    judged = lambda program, count, script: (
        lambda kernel: judge(f"{program}_judge", kernel, kernel.work, seed, count, script, program)
    )
    checks = [
        Check("parser", judged("parser", parameters, PARSER_SCRIPT)),
        Check("configfs", judged("configfs", operations, CONFIGFS_SCRIPT)),
        Check("receiver", lambda kernel: receiver(kernel, seed, texts)),
        Check("suggest", suggest_and_panic),
        Check("corpus", corpus),
        Check("features", features),
        Check("issues", issues),
        Check("crash", crash),
        Check("crash_reports", crash_reports),
        Check("probe", probe),
        Check("doctor", doctor),
    ]
    by_name_only = [Check("captures", captures), Check("wireless", wireless), Check("without_ipv6", without_ipv6)]
    if wanted := os.environ.get("NETCON_CHECKS"):
        checks = [check for check in (*checks, *by_name_only) if check.name in wanted.split()]
    names = sys.argv[2:] or kernels.CI
    if names == ["all"]:
        names = kernels.all_names()
    booted = set()

    def one(name):
        """A row; the same kernel by a second name is not run again."""
        try:
            kernel = Kernel(name, CACHE, booted)
        except kernels.Unavailable as reason:
            print(f"SKIP {name}: {reason}", flush=True)
            return name, str(reason)
        return kernel.name, examine(kernel, checks)

    # A guest has one processor.
    with concurrent.futures.ThreadPoolExecutor(int(os.environ.get("NETCON_GUESTS", os.cpu_count()))) as pool:
        rows = list(pool.map(one, names))
    crashes = [
        (name, *row)
        for name, outcomes in rows
        if not isinstance(outcomes, str) and "crash" in outcomes
        for row in outcomes["crash"].rows
    ]
    ran = [outcomes for _, outcomes in rows if not isinstance(outcomes, str)]
    good = all(done.good for outcomes in ran for done in outcomes.values())
    print(table(checks, rows))
    if crashes:
        print("\n| kernel | setting | crash | last line that arrived, basic | extended |\n" + "| --- " * 5 + "|")
    for row in crashes:
        print("| " + " | ".join(f"`{cell}`" if cell else "nothing" for cell in row) + " |")
    verdict = "all agree" if good else "DIFFERENCES"
    print(f"kernels: {len(ran) * len(checks)} checks, {verdict}, {len(rows) - len(ran)} kernels skipped")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
