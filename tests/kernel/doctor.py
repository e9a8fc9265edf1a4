"""Each dead set-up, made in a guest: `netcon doctor` names it there, its command repairs it, a record then arrives, and
`netcon test` succeeds.

With NETCON_RECORD=DIR the facts of each state that DIR lacks are written to DIR/NAME.facts: tests/data/doctor has those
of two kernels.
"""

import os
import pathlib
import re
import socket
import typing

from listener import GATEWAY_MAC, TOOL, Listener
from machine import with_libraries
from outcome import Outcome
from receiver import NETWORK

HELPERS = """
C=/sys/kernel/config/netconsole
mkdir -p /etc/modprobe.d
look() {
  netcon doctor $2 > /out/$1.table 2> /out/$1.err
  echo $? > /out/$1.code
}
# NAME CHECK: carries out the command below the first row of the check that is not ok.
repair() {
  awk -v check="$2" '
    $1 ~ /^(ok|unknown|warning|bad)$/ { wanted = $1 != "ok" && $2 == check; next }
    wanted && /^ +# / { sub(/^ +# /, ""); print; exit }' /out/$1.table > /out/$1.remedy
  sh /out/$1.remedy > /out/$1.repair 2>&1
  sleep 0.3
  netcon doctor --no-send > /out/$1.after
}
# NAME PORT: a target that works.
target() {
  mkdir $C/$1
  echo 1 > $C/$1/extended
  echo eth0 > $C/$1/dev_name
  echo 10.0.2.15 > $C/$1/local_ip
  echo 10.0.2.2 > $C/$1/remote_ip
  echo $2 > $C/$1/remote_port
  echo MAC > $C/$1/remote_mac
  echo 1 > $C/$1/enabled
}
# FILE VALUE: of the target web, which is enabled.
change() {
  echo 0 > $C/web/enabled
  echo "$2" > $C/web/$1
  echo 1 > $C/web/enabled
}
unload() {
  for t in $C/*; do [ -d $t ] && rmdir $t; done
  rmmod netconsole 2> /dev/null
  rm -f /etc/modprobe.d/*
}
load() { unload; modprobe netconsole; }
""".replace("MAC", GATEWAY_MAC)
CRASH_KERNEL = "crash_kernel"


class State(typing.NamedTuple):
    name: str
    make: str  # how it comes about, from a machine whose netconsole is loaded and has the target web
    finds: dict  # {check: severity}, the worst of each check
    repair: str = ""  # the check whose command is carried out
    undo: str = ""
    arrives: bool = True  # whether a record of level info arrives after the repair
    begin: str = "load; target web PORT"
    replays: bool = False  # netconsole is loaded with a target, to which the kernel sends its whole log
    look: str = "--no-send"  # how doctor is asked
    cmdline: str = "loglevel=5"  # of further_states(), which have a guest each


def states(features, has_bonds, has_tunnels):
    """The states and what doctor has to find in each, on a kernel with these features."""
    threaded, hides = "threaded_console" in features, "boot_targets_in_configfs" not in features
    skips = "bad_target_skipped" in features
    plain = f"6665@10.0.2.15/eth0,PORT@10.0.2.2/{GATEWAY_MAC}"
    return [
        State("working", "", {"module": "ok", "enabled": "ok", "remote-mac": "ok", "source": "ok", "link": "ok"}),
        State("wrong_mac", "change remote_mac 02:00:00:00:00:09", {"remote-mac": "bad", "enabled": "ok"}, "remote-mac"),
        State("broadcast", "change remote_mac ff:ff:ff:ff:ff:ff", {"remote-mac": "warning"}, "remote-mac"),
        State("disabled", "echo 0 > $C/web/enabled", {"enabled": "bad"}, "enabled"),
        State("no_device", "change dev_name eth9", {"device": "bad", "enabled": "bad", "log": "bad"}, "enabled"),
        State("console_level", "echo 4 > /proc/sys/kernel/printk", {"console-level": "bad"}, "console-level"),
        State(
            "oops_only",
            "echo Y > /sys/module/netconsole/parameters/oops_only",
            {"oops-only": "bad", "enabled": "ok"},
            "oops-only",
        ),
        State("device_down", "ip link set eth0 down", {"link": "bad", "enabled": "ok"}, "link"),
        State(
            "no_carrier",
            "ip link add dummy8 type dummy; ip addr add 10.0.9.1/24 dev dummy8; ip link set dummy8 up; "
            "echo 0 > $C/web/enabled; echo 10.0.9.1 > $C/web/local_ip; echo 10.0.9.2 > $C/web/remote_ip; change dev_name dummy8; "
            "echo 0 > /sys/class/net/dummy8/carrier",
            {"link": "bad", "enabled": "ok", "source": "ok"},
            undo="unload; ip link del dummy8",
            arrives=False,
        ),
        State(
            "refused",
            "mac=$(cat /sys/class/net/eth2/address); unshare -n sleep 1000 & ns=$!; sleep 0.5; ip link set eth2 netns $ns; "
            "nsenter -t $ns -n sh -c 'ip link set lo up; ip addr add 10.0.8.2/24 dev eth2; ip link set eth2 up'; "
            "ip addr add 10.0.8.1/24 dev eth1; ip link set eth1 up; echo 0 > $C/web/enabled; echo 10.0.8.1 > $C/web/local_ip; "
            "echo 10.0.8.2 > $C/web/remote_ip; echo $mac > $C/web/remote_mac; change dev_name eth1",
            {"receiver": "bad", "enabled": "ok", "remote-mac": "ok", "link": "ok"},
            undo="unload; ip addr flush dev eth1; ip link set eth1 down; kill $ns",
            arrives=False,
            look="",
        ),
        *(
            [
                State(
                    "tunnel",
                    "modprobe ipip; ip link set tunl0 up; change dev_name tunl0",
                    {"netpoll": "bad"},
                    "netpoll",
                    "unload; ip link set tunl0 down",
                )
            ]
            if has_tunnels
            else []
        ),
        State(
            "source_gone",
            "ip addr del 10.0.2.15/24 dev eth0; ip addr add 10.0.2.16/24 dev eth0",
            {"source": "bad"},
            "source",
            "ip addr del 10.0.2.16/24 dev eth0; ip addr add 10.0.2.15/24 dev eth0",
        ),
        State(
            "panic",
            "echo 10 > /proc/sys/kernel/panic",
            {"panic": "bad" if threaded else "ok"},
            "panic" if threaded else "",
            "echo 0 > /proc/sys/kernel/panic",
        ),
        State(
            "enslaved",
            "ip addr flush dev eth0; ip link add br0 type bridge; ip link set eth0 master br0; ip link set br0 up; "
            "ip addr add 10.0.2.15/24 dev br0; sleep 1",
            {"enabled": "bad", "master": "bad", "log": "bad"},
            "enabled",
            "unload; ip link set eth0 nomaster; ip link del br0; ip addr add 10.0.2.15/24 dev eth0",
        ),
        State(
            "device_gone",
            "ip link add dummy9 type dummy; ip link set dummy9 up; change dev_name dummy9; ip link del dummy9; sleep 0.5",
            {"enabled": "bad", "device": "bad", "log": "bad"},
            "enabled",
        ),
        *(
            [
                State(
                    "bonded",
                    "modprobe bonding max_bonds=0; ip addr flush dev eth0; ip link add bond0 type bond; ip link set eth0 down; "
                    "ip link set eth0 master bond0; ip link set bond0 up; ip addr add 10.0.2.15/24 dev bond0; sleep 1",
                    {"enabled": "bad", "master": "bad", "log": "bad"},
                    "enabled",
                    "unload; ip link set eth0 nomaster; ip link del bond0; ip link set eth0 up; "
                    "ip addr add 10.0.2.15/24 dev eth0",
                )
            ]
            if has_bonds
            else []
        ),
        State("duplicate", "target again PORT", {"duplicate": "bad"}, "duplicate"),
        State("syslog_port", "change remote_port 514", {"format": "warning", "enabled": "ok"}, arrives=False),
        State("no_target", "rmdir $C/web", {"target": "bad", "module": "ok"}, arrives=False),
        State("not_loaded", "unload", {"module": "bad"}, "module", arrives=False),
        State(
            "no_configfs",
            "unload; modprobe netconsole; umount /sys/kernel/config",
            {"dynamic": "bad", "module": "ok"},
            "dynamic",
            "mountpoint -q /sys/kernel/config || mount -t configfs configfs /sys/kernel/config",
            arrives=False,
        ),
        State(
            "hidden",
            "",
            {"hidden-target": "warning", "duplicate": "bad", "enabled": "ok"},
            "duplicate",
            begin=f"unload; modprobe netconsole netconsole=+{plain}; target web PORT",
            replays=True,
        ),
        State(
            "bad_parameter",
            "",
            {"parameter": "bad", "log": "bad", "module": "ok" if skips else "bad"},
            "parameter",
            begin="unload; echo 'options netconsole netconsole=@/eth0,PORT@10.0.2.2' > /etc/modprobe.d/n.conf; "
            "modprobe netconsole",
            undo="unload",
            replays=True,
        ),
        State(
            "hidden_alone",
            "",
            {"hidden-target": "warning", "target": "ok"},
            "" if hides else "hidden-target",
            begin=f"unload; modprobe netconsole netconsole=+{plain}",
            replays=True,
        ),
    ]


def further_states():
    """States that are only recorded: most need a boot, a receiver or files of their own. tests/unit/doctor judges them."""
    reach = "ip addr add 10.0.8.1/24 dev eth1; ip link set eth1 up; echo 0 > $C/web/enabled; echo 10.0.8.1 > $C/web/local_ip; "
    through = "ip route add 10.9.0.0/16 via 10.0.2.2; change remote_ip 10.9.0.1"
    router = (
        "mac=$(cat /sys/class/net/eth2/address); unshare -n sleep 1000 & ns=$!; sleep 0.5; ip link set eth2 netns $ns; "
        "nsenter -t $ns -n sh -c 'ip link set lo up; ip addr add 10.0.8.2/24 dev eth2; ip link set eth2 up; "
        "echo 1 > /proc/sys/net/ipv4/ip_forward; ip route add prohibit 10.9.0.0/16'; "
        f"{reach} ip route add 10.9.0.0/16 via 10.0.8.2; echo 10.9.0.1 > $C/web/remote_ip; "
        "echo $mac > $C/web/remote_mac; change dev_name eth1"
    )
    at_boot = (
        "change extended 0; mkdir -p /etc/systemd/system/multi-user.target.wants; "
        "netcon suggest 10.0.2.2 --name web --as systemd --unit-dir /etc/systemd/system; "
        "ln -s ../netconsole-web.service /etc/systemd/system/multi-user.target.wants/"
    )
    loads = "mkdir -p /etc/modules-load.d; echo netconsole > /etc/modules-load.d/netconsole.conf"
    written = (
        "echo 'options netconsole netconsole=@/eth0,@10.0.2.2/52:55:0a:00:02:02' > /etc/modprobe.d/netconsole.conf"
    )
    six = "for f in local_ip:fec0::15 remote_ip:fec0::2; do echo ${f#*:} > $C/web/${f%%:*}; done"
    return [
        State("ready", at_boot, {"next-boot": "ok", "boot-level": "ok"}, look="", cmdline="loglevel=7"),
        State("quiet", "echo 4 > /proc/sys/kernel/printk", {"console-level": "bad"}, cmdline="quiet"),
        State(
            "ignore_loglevel",
            "echo 1 > /proc/sys/kernel/printk",
            {"console-level": "ok", "boot-level": "ok"},
            cmdline="quiet ignore_loglevel",
        ),
        State("through_a_router", through, {"remote-mac": "ok", "route": "ok"}),
        State("wrong_router", f"{through}; change remote_mac 02:00:00:00:00:09", {"remote-mac": "bad"}),
        State("broadcast_to_a_router", f"{through}; change remote_mac ff:ff:ff:ff:ff:ff", {"remote-mac": "bad"}),
        State(
            "receiver_off",
            f"{reach} echo 10.0.8.77 > $C/web/remote_ip; change dev_name eth1",
            {"remote-mac": "unknown"},
            look="",
        ),
        State("prohibited", router, {"receiver": "bad", "remote-mac": "ok"}, look=""),
        State("unit_not_enabled", at_boot.rpartition("; ")[0], {"next-boot": "warning"}),
        State("loaded_without_target", loads, {"next-boot": "warning"}),
        State("written_down", f"{loads}; {written}", {"next-boot": "ok", "parameter": "ok"}),
        State("nothing_loads_it", written, {"next-boot": "warning", "parameter": "ok"}),
        State(
            "blacklisted",
            f"{loads}; {written}; echo 'blacklist netconsole' > /etc/modprobe.d/deny.conf",
            {"next-boot": "warning"},
        ),
        State(
            "over_ipv6",
            f"echo 0 > $C/web/enabled; {six}; echo 1 > $C/web/enabled",
            {"remote-mac": "bad", "source": "ok"},
        ),
    ]


def severities(table):
    """{check: the worst severity of its rows}."""
    order = ["ok", "unknown", "warning", "bad"]
    worst = {}
    for severity, check in re.findall(r"^(ok|unknown|warning|bad) +(\S+)", table, re.M):
        worst[check] = max(worst.get(check, "ok"), severity, key=order.index)
    return worst


def script_of(state, port):
    """Makes the state, looks, repairs, and writes a record of level info."""
    lines = ["echo 7 > /proc/sys/kernel/printk", state.begin, state.make, f"look {state.name} {state.look}"]
    if state.repair:
        lines.append(f"repair {state.name} {state.repair}")
        if state.arrives:
            lines.append(f"netcon test --wait 10s > /out/{state.name}.test 2>&1; echo $? > /out/{state.name}.tested")
    lines += [f'echo "<6>after {state.name}" > /dev/kmsg', "sleep 0.3", state.undo]
    return "\n".join(lines).replace("PORT", str(port)) + "\n"


def record(kernel, begin, all_states, folder):
    """Writes the facts of each state that the folder lacks, each of a guest on which nothing else has happened."""
    made = 0
    for state in all_states:
        place = pathlib.Path(folder, f"{state.name}.facts")
        if place.exists():
            continue
        script = f"{begin}echo 7 > /proc/sys/kernel/printk\n{state.begin}\n{state.make}\n".replace("PORT", "6666")
        script += f"netcon doctor --facts {state.look} > /out/facts\n"
        # What a receiver on this machine's loopback takes does not come back.
        with socket.socket(type=socket.SOCK_DGRAM) as receiver:
            receiver.bind(("127.0.0.1", 6666))
            got = boot(kernel, script, state.name == CRASH_KERNEL, state.cmdline, name="record")
        place.write_bytes(got["facts"])
        made += 1
    return Outcome(made, 0, [f"doctor: {made} of {len(all_states)} states recorded"])


def boot(kernel, script, has_crash_kernel=False, cmdline="loglevel=5", **options):
    """What the guest left. A crash kernel is the kernel itself once more, and needs more memory."""
    files = with_libraries("bin/netcon", TOOL)
    if not has_crash_kernel:
        return kernel.boot(script, files, cmdline, cable=True, **options)
    files["job/kernel"] = kernel.image.read_bytes()
    files["job/ops"] = f"kexec {b'/job/kernel'.hex()} -\n".encode()
    return kernel.boot(script, files, f"{cmdline} crashkernel=192M", memory=768, **options)


def differences(state, said, events):
    """What is wrong about one state, as lines."""
    name, wrong = state.name, []
    if f"{name}.table" not in said:
        return [f"{name}: the guest did not come to it"]
    found = severities(said[f"{name}.table"])
    if any(found.get(check, "none") != severity for check, severity in state.finds.items()):
        wrong.append(f"{name}: {state.finds} expected, found\n{said[f'{name}.table']}{said[f'{name}.err']}")
    bad = "bad" in found.values()
    if int(said[f"{name}.code"]) != bad or bad != ("bad" in state.finds.values()):
        wrong.append(f"{name}: exit code {said[f'{name}.code'].strip()} with {found}")
    done = ""
    if state.repair:
        done = f"after {said[f'{name}.remedy']!r}, which printed {said[f'{name}.repair']!r}"
        if severities(said[f"{name}.after"]).get(state.repair, "ok") != "ok":
            wrong.append(f"{name}: {done} still\n{said[f'{name}.after']}")
        if state.arrives and said[f"{name}.tested"].strip() != "0":
            wrong.append(f"{name}: {done} the test failed: {said[f'{name}.test']}")
    texts = [event.get("text") or event.get("raw_text", "") for event in events]
    arrived = sum(text.endswith(f"after {name}") for text in texts)
    # A load with a target replays the whole log.
    if arrived != state.arrives and not (state.replays and state.arrives and arrived > 1):
        wrong.append(f"{name}: its record arrived {arrived} times {done}")
    return wrong


def crash_kernel(threaded):
    """One that is loaded, in a guest of its own."""
    return State(
        CRASH_KERNEL,
        "guest /job/ops /dev/console - > /dev/null; cat /sys/kernel/kexec_crash_loaded > /out/loaded",
        {"crash-kernel": "warning"} if threaded else {"panic": "ok"},
    )


def crash_kernel_differences(kernel, begin):
    """What is wrong about it, as lines."""
    state = crash_kernel(threaded=True)
    got = boot(kernel, begin + script_of(state, 6666), has_crash_kernel=True, name="doctor")
    found = severities(got["crash_kernel.table"].decode())
    if got["loaded"].strip() == b"1" and all(found.get(check) == how for check, how in state.finds.items()):
        return []
    return [f"crash_kernel: loaded {got['loaded']}, found {found}\n{got['crash_kernel.err'].decode()}"]


def doctor(kernel):
    threaded = "threaded_console" in kernel.features
    all_states = states(kernel.features, "bonding" in kernel.modules, "ipip" in kernel.modules)
    begin = f"{NETWORK}{HELPERS}\necho 0 > /proc/sys/kernel/panic\n"
    if folder := os.environ.get("NETCON_RECORD"):
        return record(kernel, begin, [*all_states, crash_kernel(threaded), *further_states()], folder)
    answering = ("--answer", "--allow", "127.0.0.1", "--answers-each", "1000", "--answers-all", "1000")
    listeners = {replays: Listener(options=answering) for replays in (False, True)}
    script = begin + "".join(script_of(state, listeners[state.replays].port) for state in all_states)
    try:
        got = boot(kernel, script, timeout=600, name="doctor")
    finally:
        events = {replays: one.stop() for replays, one in listeners.items()}
    said = {name: data.decode(errors="replace") for name, data in got.items()}
    wrong = [line for state in all_states for line in differences(state, said, events[state.replays])]
    compared = len(all_states)
    if threaded:
        wrong += crash_kernel_differences(kernel, begin)
        compared += 1
    summary = f"doctor: dead set-ups made in the guest, {compared} compared, {len(wrong)} differences"
    return Outcome(compared, len(wrong), [*wrong, summary])
