# SPDX-License-Identifier: MIT
"""The faults of docs/kernel-issues.md: each script shows its fault on the kernels that have it, and on no other."""

import pathlib
import re

from fault_module import broken_module
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
# Of faults that no feature stands for: {script: {series: (the newest booted kernel that has it, the oldest that has not)}}.
# A kernel between the two is not judged.
BOOTED = {
    "removed_silences": {
        (5, 10): ((5, 10, 223), None),
        (6, 1): (None, (6, 1, 192)),
        (6, 12): ((6, 12, 43), (6, 12, 117)),
        (6, 16): ((6, 16, 12), None),
        (6, 17): (None, (6, 17, 13)),
        (6, 18): (None, (6, 18, 15)),
        (7, 3): (None, (7, 3, 4)),
    }
}
OWN_MODULE = ("mac_target_elsewhere", "oops_only_silent")  # load netconsole themselves


def expected_of(name, kernel):
    """Whether the kernel has the fault; None: not known."""
    if name in ISSUES:
        return ISSUES[name](kernel.features)
    named, booted = (tuple(map(int, re.findall(r"\d+", text)[:3])) for text in (kernel.version, kernel.release))
    version = named if len(named) == 3 else booted
    newest_with, oldest_without = BOOTED[name].get(version[:2], (None, None))
    if newest_with and version <= newest_with:
        return True
    return False if oldest_without and version >= oldest_without else None


def issues(kernel):
    files = {"job/oops.ko": broken_module(kernel)}
    script = "echo 1 > /proc/sys/kernel/printk\n"
    for name in (*ISSUES, *BOOTED):
        files[f"job/{name}"] = (pathlib.Path(HERE) / "issues" / f"{name}.sh").read_bytes()
        own = name in OWN_MODULE
        script += "" if own else "modprobe netconsole\n"
        # Nothing is sent below the level of the console.
        script += "echo 8 > /proc/sys/kernel/printk\n" if name == "oops_only_silent" else ""
        script += f"sh /job/{name} /job/oops.ko > /out/{name} 2>&1\n" + ("" if own else "rmmod netconsole\n")
    got = kernel.boot(script, files, network=False, name="issues")
    wrong, notes = [], []
    for name in (*ISSUES, *BOOTED):
        said = got[name].decode(errors="replace").strip()
        expected = expected_of(name, kernel)
        if not said.startswith(("shown: ", "not shown")):
            wrong.append(f"{name}: {said!r}")
        elif expected is None:
            notes.append(f"{name}: {said!r}; not booted before")
        elif said.startswith("shown: ") != expected:
            wrong.append(f"{name}: {said!r}, expected {'shown' if expected else 'not shown'}")
    count = len(ISSUES) + len(BOOTED)
    summary = f"issues: {count} compared, {len(wrong)} differences"
    return Outcome(count, len(wrong), [*wrong, *notes, summary])
