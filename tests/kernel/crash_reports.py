# SPDX-License-Identifier: MIT
"""The report of each crash: faults of a module, a task that hangs and a panic, from the kernel over the wire to `listen`."""

import typing

from fault_module import POP_ALL, fault_module
from listener import Listener, parameter_of
from outcome import Outcome
from receiver import NETWORK

RETURN = b"\xb8\xea\xff\xff\xff" + POP_ALL + b"\xc3"  # -EINVAL
CALL = b"\x48\xb8" + b"\0" * 8 + b"\xff\xd0"  # the guest writes the address of a function into it


class Fault(typing.NamedTuple):
    title: str  # before " in FUNCTION"
    instructions: bytes
    calls: str = ""  # the kernel's function whose address it needs
    panics: bool = False
    hangs: bool = False


def move_from(address):
    """mov address, %rax: of what is not there."""
    return b"\x48\xa1" + address.to_bytes(8, "little")


def warn():
    """__warn("x.c", 7, here, TAINT_WARN, no registers, no text)"""
    before = b"\x48\x8d\x3d%b" + b"\xbe\x07\0\0\0" + b"\x48\x8d\x15\0\0\0\0" + b"\xb9\x09\0\0\0"
    before += b"\x45\x31\xc0" + b"\x45\x31\xc9" + CALL + RETURN
    size = len(before) + 2  # %b becomes four bytes
    return before.replace(b"%b", (size - 7).to_bytes(4, "little")) + b"x.c\0"


FAULTS = [
    Fault("INFO: task hung", b"\x48\xc7\xc7\xff\xff\xff\x7f" + CALL, "schedule_timeout_uninterruptible", hangs=True),
    Fault("invalid opcode", b"\x0f\x0b"),
    Fault("BUG: unable to handle kernel NULL pointer dereference", move_from(0x10)),
    Fault("BUG: unable to handle kernel paging request", move_from(0xFFFFDEAD00000000)),
    Fault("general protection fault", move_from(0x00DEAD0000000000)),
    Fault("divide error", b"\x31\xc9\xf7\xf1"),
    Fault("WARNING", warn(), "__warn"),
]
FATAL = Fault("BUG: unable to handle kernel NULL pointer dereference", move_from(0x10), panics=True)
PANIC = "kernel panic: sysrq triggered crash"
# A module is loaded from memory, which is how insmod does it with a compressed one: since 6.5 the kernel has a list of the
# files that are being loaded, in which a task that died in an init function stays.
SCRIPT = """
echo 1 > /proc/sys/kernel/hung_task_warnings
echo 1 > /proc/sys/kernel/hung_task_timeout_secs
address() {  # FILE OFFSET FUNCTION
  grep -m 1 " $3$" /proc/kallsyms | sed 's/^\\(..\\)\\(..\\)\\(..\\)\\(..\\)\\(..\\)\\(..\\)\\(..\\)\\(..\\) .*/\\\\x\\8\\\\x\\7\\\\x\\6\\\\x\\5\\\\x\\4\\\\x\\3\\\\x\\2\\\\x\\1/' > /address
  printf "$(cat /address)" | dd of=$1 bs=1 seek=$2 conv=notrunc 2> /dev/null
}
"""


# A report is over after a second of silence behind its end, that of a hung task, which has no end, after five.
FAULT = """
insmod /{path}.gz
sleep 3
"""
HANG = """
insmod /{path}.gz &
until dmesg | grep -q "blocked for more than"; do sleep 1; done
sleep 8
"""
# Its number is missed by who receives; only msgids tell that it was not sent.
UNSENT = """
mkdir /sys/kernel/config/netconsole/cmdline0
echo 1 > /sys/kernel/config/netconsole/cmdline0/userdata/msgid_enabled
echo "<12>sent" > /dev/kmsg
echo 7 > /proc/sys/kernel/printk
echo "<15>not sent" > /dev/kmsg
"""


def differences(crashes, faults, functions, complete):
    """Of the reports of one receiver."""
    wanted = [({f"{one.title} in {name}" for name in functions}, one.panics) for one in faults]
    if not faults[-1].panics:
        wanted.append(({PANIC}, True))
    if len(crashes) != len(wanted):
        yield f"{len(crashes)} reports, not {len(wanted)}: {[one['title'] for one in crashes]}"
        return
    for got, (titles, panics) in zip(crashes, wanted, strict=True):
        if got["title"] not in titles:
            yield f"{got['title']!r}, not {min(titles)!r}"
        # A panic after a fault has no trace; only numbers tell that none was lost.
        if got["panicked"] != panics or got["corrupted"] != (got["title"] == PANIC and complete is None):
            yield f"{got['title']}: panicked {got['panicked']}, corrupted {got['corrupted']}"
        if got["complete"] is not complete:
            yield f"{got['title']}: complete is {got['complete']}, missing {got['missing']}"


def boot(kernel, faults):
    """({form of the records: the reports}, names of the function to blame)"""
    listeners = {"extended": Listener(), "basic": Listener()}
    script = f"{NETWORK}\nmodprobe netconsole 'netconsole={parameter_of(listeners)}'\nsleep 1\n{SCRIPT}"
    files, functions = {}, set()
    for number, fault in enumerate(faults):
        made = fault_module(kernel.module("dummy"), fault.instructions, f"flt{number:02}")
        functions |= made.functions
        path = f"job/flt{number:02}.ko"
        files[path] = made.data
        if fault.calls:
            at = made.start + fault.instructions.index(CALL) + 2
            script += f"address /{path} {at} {fault.calls}\n"
        if fault.panics:
            script += "echo 1 > /proc/sys/kernel/panic_on_oops\n" + UNSENT
        script += f"gzip /{path}\n" + (HANG if fault.hangs else FAULT).format(path=path)
    script += "echo c > /proc/sysrq-trigger\nsleep 60\n"
    try:
        kernel.boot(
            script,
            files,
            cmdline="loglevel=8 panic=0",
            until=b"Kernel panic - not syncing: " + (b"Fatal exception" if faults[-1].panics else b"sysrq triggered"),
            linger=4,
            name="crash_reports",
        )
    finally:
        events = {form: listener.stop() for form, listener in listeners.items()}
    return {form: [one for one in events[form] if one["event"] == "crash"] for form in events}, functions


def crash_reports(kernel):
    compared, wrong = 0, []
    for faults in (FAULTS, [FATAL]):
        reports, functions = boot(kernel, faults)
        # Numbers prove that all came; behind a record that was not sent msgids do.
        proven = faults is FAULTS or "sysdata_msgid" in kernel.features
        for form, crashes in reports.items():
            compared += len(faults) + (not faults[-1].panics)
            complete = proven if form == "extended" else None
            wrong += [f"{form}: {one}" for one in differences(crashes, faults, functions, complete)]
    return Outcome(compared, len(wrong), [*wrong, f"crash_reports: {compared} compared, {len(wrong)} differences"])
