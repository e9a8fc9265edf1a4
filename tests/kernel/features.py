# SPDX-License-Identifier: MIT
"""The feature table on a booted kernel: for each feature that can be seen here, an operation that shows it.

The nearest kernels on both sides of a row of docs/kernels.md that were booted prove the row.
"""

import errno
import re

from guest_ops import GuestOps
from outcome import Outcome

SCRIPT = """
echo 1 > /proc/sys/kernel/printk
ip link add eth0 address 52:54:00:12:34:56 type dummy
ip link add eth1 address 52:54:00:12:34:57 type dummy
for d in eth0 eth1; do echo 1 > /proc/sys/net/ipv6/conf/$d/addr_gen_mode; done
ip addr add 10.0.2.15/24 dev eth0
ip addr add fec0::15/64 dev eth0
ip addr add fe80::15/64 dev eth0
ip addr add 10.0.3.15/24 dev eth1
ip link set eth0 up
ip link set eth1 up
guest /job/ops /out/results /lib/modules/*/netconsole.ko
"""
GOOD = "@/eth0,7777@10.0.2.2/"


def values(out):
    """What `load` read of cmdline0, as {file: content}; "consoles" has the lines of /proc/consoles."""
    consoles, _, files = out.decode(errors="backslashreplace").removeprefix("consoles\n").partition("cmdline0\n")
    first = files.split("cmdline1\n")[0]
    return dict(line.split("=", 1) for line in first.splitlines() if "=" in line) | {"consoles": consoles}


class Probes:
    """Collects what to do, and how to read the answer, before the machine is booted."""

    def __init__(self):
        self.ops, self.questions = GuestOps(), []

    def ask(self, feature, place, has):
        """has(answer of that place) is whether the kernel has the feature, or None when nothing can be said."""
        self.questions.append((feature, place, has))

    def load(self, feature, parameter, has):
        self.ask(feature, self.ops.add("load", parameter, "2"), has)

    def target(self, name):
        self.ops.add("mkdir", name)
        return lambda file, content: self.ops.add("write", f"{name}/{file}", content)


def probes():
    p = Probes()
    took = lambda answer: answer.value >= 0
    refused = lambda number: lambda answer: answer.value < 0 and answer.errno == number
    logged = lambda text: lambda answer: any(text in line for _, line in answer.log)
    exists = lambda answer: answer.value >= 0 or answer.errno != errno.ENOENT

    # The module given a parameter. Each `load` unloads it again.
    p.load("multiple_targets", f"{GOOD};@/eth0,@10.0.2.3/", logged("10.0.2.3"))
    p.load("strict_numbers", "x@/eth0,@10.0.2.2/", logged("couldn't parse"))
    p.load("strict_addresses", "@/eth0,@hello/", logged("couldn't parse"))
    p.load("ipv6_without_source", "@/eth0,@fec0::2/", logged("remote IPv6 address fec0::2"))
    p.load(
        "boot_targets_in_configfs", GOOD, lambda a: took(a) and values(a.out).get("remote_port", "").strip() == "7777"
    )
    p.load("bad_target_skipped", f"bad;{GOOD}", took)
    p.load("device_by_mac", "@/52:54:00:12:34:56,@10.0.2.2/", lambda a: values(a.out).get("enabled") == "1")
    p.load("parser_in_netconsole", "bad", logged("netconsole: netconsole: couldn't parse"))
    # A console is named netcon_ext0 for extended targets, netcon0 for basic ones.
    p.load("needed_consoles_only", f"+{GOOD}", lambda a: took(a) and "netcon0" not in values(a.out)["consoles"])
    # N: a console with a thread of its own (nbcon).
    flags = lambda out: re.search(r"^netcon0 .*\(([^)]*)\)", values(out)["consoles"], re.M)
    p.load("threaded_console", GOOD, lambda a: "N" in flags(a.out)[1] if flags(a.out) else None)
    mac = "02:00:00:00:00:99"
    in_full, cut = logged(f"{mac} doesn't exist"), logged(f"{mac[:16]} doesn't exist")
    p.load("full_mac_in_messages", f"@/{mac},@10.0.2.2/", lambda a: True if in_full(a) else False if cut(a) else None)

    # Its directory.
    p.ops.add("sh", "modprobe netconsole")
    p.ask("dynamic", p.ops.add("mkdir", "t"), took)
    write = p.target("t")
    p.ask("empty_write_refused", write("local_port", ""), refused(errno.EFAULT))
    p.ask("extended", p.ops.add("read", "t/extended"), took)
    p.ask("kstrtobool_switches", write("extended", "n"), took)
    switched = write("extended", "d")
    p.ask("wide_kstrtobool", switched, took)
    p.ask("release", p.ops.add("read", "t/release"), took)
    p.ask("userdata", p.ops.add("ls", "t/userdata"), exists)
    p.ask("transmit_errors", p.ops.add("read", "t/transmit_errors"), took)
    p.ask("sysdata", p.ops.add("read", "t/userdata/cpu_nr_enabled"), took)
    p.ask("sysdata_msgid", p.ops.add("read", "t/userdata/msgid_enabled"), took)
    p.ask("full_write_count", write("local_port", b"12\0"), lambda a: a.value == 3)
    p.ask("dev_name_length_checked", write("dev_name", "x" * 16), refused(errno.ENAMETOOLONG))
    p.ask("checked_addresses", write("remote_ip", "hello"), refused(errno.EINVAL))
    write("remote_ip", "0.0.0.0")
    write("remote_ip", b"0.0.0.\xff")
    # Where anything is an address: 207, or 256 less 49, and part of it spilled.
    p.ask(
        "unsigned_char",
        p.ops.add("read", "t/remote_ip"),
        lambda a: {b"0.0.0.207\n": True, b"255.255.255.207\n": False}.get(a.out),
    )
    write("userdata/release_enabled", "1")
    p.ask(
        "release_enabled_shown",
        p.ops.add("read", "t/userdata/release_enabled"),
        lambda a: a.out == b"1\n" if a.value > 0 else None,
    )
    write("userdata/release_enabled", "0")
    p.ops.add("mkdir", "t/userdata/k")
    p.ask(
        "checked_userdata_value",
        write("userdata/k/value", "v" * 200),
        lambda a: None if a.errno == errno.ENOENT else a.errno == errno.EMSGSIZE,
    )
    for number in range(15):
        p.ops.add("mkdir", f"t/userdata/{number}")
    p.ask(
        "separate_sysdata",
        p.ops.add("mkdir", "t/userdata/seventeenth"),
        lambda a: None if a.errno == errno.ENOENT else took(a),
    )

    write = p.target("once")
    write("dev_name", "eth0")
    write("enabled", "1")
    p.ask("enable_once", write("enabled", "1"), refused(errno.EINVAL))
    write = p.target("near")
    write("dev_name", "eth0")
    write("remote_ip", "fe80::2")
    write("enabled", "1")
    p.ask("link_local_source", p.ops.add("read", "near/local_ip"), lambda a: a.out == b"fe80::15\n")
    write = p.target("zero")
    write("dev_name", "eth0")
    write("remote_ip", "fec0::2")
    write("local_ip", "::1")
    write("enabled", "1")
    p.ask("zero_prefixed_source_kept", p.ops.add("read", "zero/local_ip"), lambda a: a.out == b"::1\n")
    write = p.target("gone")
    write("dev_name", "eth1")
    write("remote_ip", "10.0.3.2")
    write("local_ip", "10.0.3.15")
    write("enabled", "1")
    p.ops.add("sh", "ip link del eth1; ip link add eth1 type dummy; sleep 0.3")
    p.ask("resumable", p.ops.add("read", "gone/enabled"), lambda a: a.out == b"1\n")

    write = p.target("down")
    write("dev_name", "dummy0")
    write("remote_ip", "10.0.3.2")
    write("local_ip", "10.0.3.15")
    p.ask("carrier_trusted", write("enabled", "1"), lambda a: took(a) and not logged("carrier detect appears")(a))

    # Each of these bytes becomes four in the record.
    p.ops.add("write", "../../../../dev/kmsg", b"<12>" + b"\x01" * 900 + b"\n")
    p.ask(
        "short_records",
        p.ops.add("kmsg"),
        lambda a: max(len(record) for record in a.out.split(b"\0") if b"\\x01\\x01" in record) <= 2048,
    )
    return p


def features(kernel):
    """Whether the kernel has what the library's table says, feature by feature."""
    asked = probes()
    got = kernel.boot(SCRIPT, {"job/ops": asked.ops.file()}, "log_buf_len=1M quiet", network=False, name="features")
    answers = GuestOps.answers(got["results"])
    expected = kernel.features
    wrong, seen = [], {}
    for feature, place, has in asked.questions:
        found = has(answers[place])
        if found is None:
            continue
        seen[feature] = found
        if found != (feature in expected):
            wrong.append(f"{feature}: the table says {feature in expected}, the kernel {found}: {answers[place]}"[:600])
    (kernel.work / "features.txt").write_text("".join(f"{name} {int(on)}\n" for name, on in seen.items()))
    return Outcome(len(seen), len(wrong), [*wrong, f"features: {len(seen)} compared, {len(wrong)} differences"])
