# SPDX-License-Identifier: MIT
"""The faults of docs/kernel-issues.md: each script shows its fault on the kernels that have it, and on no other."""

import pathlib

from crash import broken_module
from machine import HERE
from outcome import Outcome

# script: whether a kernel with these features has the fault
ISSUES = {
    "release_enabled": lambda has: "sysdata" in has and "release_enabled_shown" not in has,
    "refused_address_stored": lambda has: True,
    "refused_value_stored": lambda has: "userdata" in has and "checked_userdata_value" not in has,
    "resume_other_namespace": lambda has: "resumable" in has,
    "mac_target_elsewhere": lambda has: "resumable" in has,
    "oops_only_silent": lambda has: "threaded_console" in has,
}
OWN_MODULE = ("mac_target_elsewhere", "oops_only_silent")  # load netconsole themselves


def issues(kernel):
    files = {"job/oops.ko": broken_module(kernel.module("veth"))}
    script = "echo 1 > /proc/sys/kernel/printk\n"
    for name in ISSUES:
        files[f"job/{name}"] = (pathlib.Path(HERE) / "issues" / f"{name}.sh").read_bytes()
        own = name in OWN_MODULE
        script += "" if own else "modprobe netconsole\n"
        # Nothing is sent below the level of the console.
        script += "echo 8 > /proc/sys/kernel/printk\n" if name == "oops_only_silent" else ""
        script += f"sh /job/{name} /job/oops.ko > /out/{name} 2>&1\n" + ("" if own else "rmmod netconsole\n")
    got = kernel.boot(script, files, network=False, name="issues")
    wrong, has = [], kernel.features
    for name, is_affected in ISSUES.items():
        said = got[name].decode(errors="replace").strip()
        if said.startswith("shown: ") != is_affected(has) or not said.startswith(("shown", "not shown")):
            wrong.append(f"{name}: {said!r}, expected {'shown' if is_affected(has) else 'not shown'}")
    summary = f"issues: {len(ISSUES)} compared, {len(wrong)} differences"
    return Outcome(len(ISSUES), len(wrong), [*wrong, summary])
