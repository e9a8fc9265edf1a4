#!/usr/bin/env python3
"""Real kernels as judges: run.py short|long [6.1] [6.12] [newest]

For each kernel of a distribution, booted in QEMU: random parameters to the module and random operations on its
configfs directory against the library, what `netcon listen` receives against the guest's own log, up to a panic, and
what `netcon suggest` and `netcon configfs` do in the guest. As many guests at once as there are processors.
Exit code: 0 when all agree, 1 with a difference; a kernel that cannot be had is skipped with the reason.
"""

import concurrent.futures
import os
import pathlib
import subprocess
import sys
import time

from listener import BUILD, TOP, Listener
from machine import Kernel, MachineDown, Unavailable
from receiver import receiver
from suggest import panic, suggest

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
modprobe netconsole
ip link add eth0 address 52:54:00:12:34:56 type dummy
ip link add eth1 address 52:54:00:12:34:57 type dummy
ip link add br0 address 52:54:00:12:34:58 type bridge
modprobe bonding max_bonds=0
ip link add bond0 address 52:54:00:12:34:59 type bond
for d in default eth0 eth1 br0 bond0; do echo 1 > /proc/sys/net/ipv6/conf/$d/addr_gen_mode; done
ip addr add 10.0.2.15/24 dev eth0
ip addr add fec0::15/64 dev eth0
ip addr add fe80::15/64 dev eth0
ip addr add 10.0.3.15/24 dev eth1
ip addr add 10.0.4.15/24 dev br0
ip addr add 10.0.5.15/24 dev bond0
for d in eth0 eth1 br0 bond0; do ip link set $d up; done
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
    return done.returncode == 0, (done.stdout + done.stderr).strip().splitlines()


def suggest_and_panic(kernel):
    """The option that suggest() writes is the one that the kernel of panic() is booted with."""
    at_boot = Listener()
    try:
        good, lines, option = suggest(kernel, at_boot)
        still, more = panic(kernel, at_boot, option)
    finally:
        at_boot.stop()
    return good and still, lines + more


def attempt(step, kernel, report):
    """The step's answer. A machine that does not come up says nothing about the library: its step begins anew."""
    for _ in range(ATTEMPTS - 1):
        try:
            return step(kernel)
        except MachineDown as problem:
            report.append(f"   again: {str(problem).splitlines()[0]}")
    return step(kernel)


def examine(kernel, steps):
    """Whether all steps agree, and the report."""
    good, report = True, [f"== Linux {kernel.version} ({kernel.release})"]
    for step in steps:
        begun = time.monotonic()
        try:
            ok, lines = attempt(step, kernel, report)
        except MachineDown as problem:
            return False, [*report, f"   FAILED: {problem}"]
        good = good and ok
        report += [f"   {line}" for line in lines]
        report.append(f"   {'ok' if ok else 'FAILED'} after {time.monotonic() - begun:.1f} s")
    return good, report


def main():
    form = sys.argv[1] if len(sys.argv) > 1 else "short"
    if form not in SIZES:
        sys.exit(__doc__)
    parameters, operations, texts = SIZES[form]
    seed = int(os.environ.get("NETCON_SEED", "1"))
    steps = [
        lambda kernel: judge("parser_judge", kernel, kernel.work, seed, parameters, PARSER_SCRIPT, "parser"),
        lambda kernel: judge("configfs_judge", kernel, kernel.work, seed, operations, CONFIGFS_SCRIPT, "configfs"),
        lambda kernel: receiver(kernel, seed, texts),
        suggest_and_panic,
    ]
    kernels, skipped = [], 0
    for name in sys.argv[2:] or ["6.1", "6.12", "newest"]:
        try:
            kernels.append(Kernel(name, CACHE))
        except Unavailable as reason:
            print(f"SKIP {name}: {reason}", flush=True)
            skipped += 1
    good = True
    # A guest has one processor.
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for done in concurrent.futures.as_completed([pool.submit(examine, kernel, steps) for kernel in kernels]):
            ok, report = done.result()
            good = good and ok
            print("\n".join(report), flush=True)
    checks = len(kernels) * len(steps)
    print(f"kernels: {checks} checks, {'all agree' if good else 'DIFFERENCES'}, {skipped} kernels skipped")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
