# SPDX-License-Identifier: MIT
"""What arrives of a crash: an oops and a panic under the settings that decide it, against the serial console."""

import re

from fault_module import broken_module
from listener import Listener, parameter_of
from outcome import Outcome
from receiver import NETWORK

OOPS_BEGIN = "invalid opcode"
# name, options of the kernel, option of the module, with a crash kernel, seconds until all is sent
SETTINGS = [
    ("panic=0", "panic=0", "", False, 3),
    ("panic=5", "panic=5", "", False, 9),
    ("oops_only=1", "panic=0", "oops_only=1", False, 3),
    ("crash kernel", "panic=0 crashkernel=128M", "", True, 6),
]


def lines_of_console(serial):
    """The texts that the kernel printed, without their times; up to the first of another kernel."""
    texts = []
    for line in serial.decode(errors="replace").replace("\r", "").split("\n"):
        if match := re.match(r"\[ *\d+\.\d+\](?:\[[^]]*\])? (.*)$", line):
            if texts and match[1].startswith("Linux version "):
                break
            texts.append(match[1])
    return texts


def texts_of(events):
    without_time = lambda text: re.sub(r"^\[ *\d+\.\d+\](\[[^]]*\])? ", "", text)
    return [without_time(event["text"]) for event in events if event["event"] in ("record", "late", "basic")]


def span(console, first, end=None):
    """The lines of the console from the one that holds `first`, up to the one that holds `end`."""
    begin = next((i for i, line in enumerate(console) if first in line), None)
    if begin is None:
        return []
    lines = console[begin:]
    return lines[: next((i for i, line in enumerate(lines) if end and end in line), len(lines))]


def last_arrived(lines, arrived):
    """Of the lines of a crash the last one that arrived; empty when none did."""
    there = set(arrived)
    return next((line for line in reversed(lines) if line in there), "")


def boot(kernel, setting):
    """{(crash, form of the records): (lines of the console, last line that arrived)}"""
    name, options, module_option, has_crash_kernel, seconds = setting
    listeners = {"basic": Listener(), "extended": Listener()}
    script = f"""{NETWORK}
modprobe netconsole {module_option} 'netconsole={parameter_of(listeners)}'
sleep 1
"""
    files = {}
    if has_crash_kernel:
        files["job/kernel"] = kernel.image.read_bytes()
        files["job/ops"] = f"kexec {b'/job/kernel'.hex()} -\n".encode()
        script += "guest /job/ops /dev/console - > /dev/null\ncat /sys/kernel/kexec_crash_loaded\n"
    else:
        files["job/oops.ko"] = broken_module(kernel)
        script += "insmod /job/oops.ko\nsleep 1\necho '<12>after the oops' > /dev/kmsg\nsleep 1\n"
    script += "echo c > /proc/sysrq-trigger\nsleep 60\n"
    try:
        got = kernel.boot(
            script,
            files,
            cmdline=f"loglevel=7 {options}",
            # A kernel whose serial console is a thread's too goes to the crash kernel without another word.
            until=b"sysrq: Trigger a crash" if has_crash_kernel else b"Kernel panic - not syncing: sysrq triggered",
            linger=seconds,
            memory=512,
            name="crash",
        )
    finally:
        events = {form: listener.stop() for form, listener in listeners.items()}
    console = lines_of_console(got["serial"])
    oops = span(console, OOPS_BEGIN, "after the oops")
    panic = span(console, "sysrq: Trigger a crash") or span(console, "sysrq triggered crash")
    return {
        (crash, form): (lines, last_arrived(lines, texts_of(events[form])))
        for crash, lines in (("oops", oops), ("panic", panic))
        if lines
        for form in events
    }


def arrives(is_threaded, setting, crash):
    """What the library says (feature threaded_console): whether all of a crash arrives, or nothing.

    A thread sends an oops, after it: not where only oopses are sent. A panic is sent at the end of a halt.
    """
    if not is_threaded:
        return True
    return setting != "oops_only=1" if crash == "oops" else setting in ("panic=0", "oops_only=1")


def crash(kernel):
    is_threaded = "threaded_console" in kernel.features
    wrong, rows, compared = [], [], 0
    for setting in SETTINGS:
        answers = boot(kernel, setting)
        if not any(crash == "panic" for crash, _ in answers):
            wrong.append(f"{setting[0]}: no panic on the console")
        for kind in ("oops", "panic"):
            cells = []
            for form in ("basic", "extended"):
                if (kind, form) not in answers:
                    continue
                lines, last = answers[kind, form]
                compared += 1
                cells.append(re.sub(r"[0-9a-f]{8,}", "...", last))
                wanted = lines[-1] if arrives(is_threaded, setting[0], kind) else ""
                if last != wanted:
                    wrong.append(f"{setting[0]}, {kind}, {form}: the last line is {last!r}, not {wanted!r}")
            if cells:
                rows.append((setting[0], kind, *cells))
    summary = f"crash: last lines that arrived, {compared} compared, {len(wrong)} differences"
    return Outcome(compared, len(wrong), [*wrong, *("   ".join(row) for row in rows), summary], rows)
