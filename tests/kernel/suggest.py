# SPDX-License-Identifier: MIT
"""What `netcon suggest` says in a guest, done there: accepted by its kernel, and its records arrive; up to a panic."""

import re

from listener import GATEWAY_MAC, TOOL, Listener
from machine import with_libraries
from outcome import Outcome
from receiver import NETWORK

END = b"end Kernel panic - not syncing: sysrq triggered crash"
HELPERS = """
try() {
  name=$1; shift
  "$@" > /out/$name 2> /out/$name.err
  echo $? > /out/$name.code
}
say() { sleep 0.3; echo "<12>$1" > /dev/kmsg; sleep 0.3; }
"""


def suggest(kernel, at_boot):
    """Each form is carried out in the guest; the option for the boot of panic() comes back with the verdict."""
    listeners = {name: Listener(six=name == "six") for name in ("modprobe", "script", "apply", "six", "plan", "bond")}
    to = {
        name: f"[{one.address}]:{one.port}" if ":" in one.address else f"{one.address}:{one.port}"
        for name, one in [*listeners.items(), ("boot", at_boot)]
    }
    version = tuple(int(n) for n in kernel.version.split("."))
    has_release, has_userdata, bond = version >= (6, 6, 0), version >= (6, 9, 0), "bonding" in kernel.modules
    extras = ("--release" if has_release else "--extended") + (" --userdata host=web17" if has_userdata else "")
    script = f"""{NETWORK}{HELPERS}
mkdir -p /etc/modprobe.d
try boot netcon suggest {to["boot"]} --extended --as cmdline
try modprobe netcon suggest {to["modprobe"]} --extended --as modprobe
cp /out/modprobe /etc/modprobe.d/netconsole.conf
try module modprobe netconsole
say modprobe
rmmod netconsole
rm /etc/modprobe.d/netconsole.conf
try apply netcon suggest {to["apply"]} {extras} --name apply --apply
try again netcon suggest {to["apply"]} {extras} --name apply --apply
say apply
try other netcon suggest {to["apply"]} --from-port 6670 --name apply --apply
say other
try script netcon suggest {to["script"]} --name script --as shell
try run sh /out/script
say script
try six netcon suggest {to["six"]} --name six --apply
say six
try plan netcon configfs apply plan +6671@10.0.2.15/eth0,{listeners["plan"].port}@10.0.2.2/{GATEWAY_MAC}
say plan
try show netcon configfs show --json
try remove netcon configfs remove plan
say removed
try refused netcon configfs apply refused 6671@10.0.2.15/eth9,6666@10.0.2.2/{GATEWAY_MAC}
ls /sys/kernel/config/netconsole > /out/left
"""
    if bond:
        script += f"""
for name in apply script six; do try clean netcon configfs remove $name; done
rmmod netconsole
try unloaded netcon configfs apply early 6671@10.0.2.15/eth0,6666@10.0.2.2/{GATEWAY_MAC}
ip addr flush dev eth0
ip link set eth0 down
modprobe bonding max_bonds=0
ip link add bond0 type bond
ip link set eth0 master bond0
ip link set bond0 up
ip addr add 10.0.2.15/24 dev bond0
try bond netcon suggest {to["bond"]} --name bond --apply
say bond
try slave netcon suggest {to["bond"]} --name slave --device eth0 --apply
try forced netcon configfs apply forced 6671@10.0.2.15/eth0,6666@10.0.2.2/{GATEWAY_MAC}
ls /sys/kernel/config/netconsole >> /out/left
"""
    try:
        got = kernel.boot(script, with_libraries("bin/netcon", TOOL), "loglevel=5", name="suggest")
    finally:
        events = {name: listener.stop() for name, listener in listeners.items()}
    said = {name: data.decode() for name, data in got.items() if name != "serial"}
    wrong = []

    def expect(name, code, *words):
        told = said[name] + said[f"{name}.err"]
        if int(said[f"{name}.code"]) != code or not all(word in told for word in words):
            wrong.append(f"{name}: exit code {said[f'{name}.code'].strip()}: {told!r}")

    for name in ("boot", "modprobe", "module", "script", "run", "six", "plan", "remove"):
        expect(name, 0)
    expect("apply", 0, "target apply created")
    expect("again", 0, "already configured")
    expect("other", 0, "target apply changed")
    expect("show", 0, '"name": "apply"', '"name": "script"', '"name": "six"', '"name": "plan"')
    expect("refused", 1, "ENODEV", "eth9")
    texts = {name: [name] for name in ("modprobe", "script", "six", "plan")} | {"apply": ["apply", "other"]}
    left = ["apply", "script", "six"]
    if bond:
        expect("unloaded", 2, "modprobe netconsole")
        expect("bond", 0, "target bond created")
        expect("slave", 2, "belongs to bond0", "target bond sends to")
        expect("forced", 1, "EBUSY", "eth0")
        texts["bond"] = ["bond"]
        left.append("bond")
    if said["left"].split() != left:
        wrong.append(f"targets left: {said['left'].split()}, not {left}")
    for name, wanted in texts.items():
        came = [event.get("text") or event.get("raw_text", "") for event in events[name]]
        missing = [text for text in wanted if not any(one.endswith(text) for one in came)]
        if missing or any(one.endswith("removed") for one in came if name == "plan"):
            wrong.append(f"{name}: the receiver got {came}")
    added = (kernel.release if has_release else None, [["host", "web17"]] if has_userdata else [])
    for event in events["apply"]:
        if event.get("text") == "apply" and (event.get("release"), event.get("dictionary", [])) != added:
            wrong.append(f"apply: {event}")
    summary = f"suggest: configurations made in the guest, {len(texts)} compared, {len(wrong)} differences"
    return Outcome(len(texts), len(wrong), [*wrong, summary]), said["boot"].strip()


def panic(kernel, listener, option):
    """The last line printed on the serial console is the last record received."""
    script = f"""{NETWORK}
modprobe netconsole
sleep 1
echo c > /proc/sysrq-trigger
sleep 60
"""
    try:
        # With a reboot coming 7.0 and later send nothing of a panic, with a halt all of it.
        got = kernel.boot(script, cmdline=f"panic=0 loglevel=7 {option}", until=END, name="panic")
    finally:
        events = listener.stop()
    lines = [
        line
        for line in got["serial"].decode(errors="replace").replace("\r", "").split("\n")
        if re.match(r"\[ *\d+\.\d+\] ", line)
    ]
    last = re.sub(r"^\[ *\d+\.\d+\](\[.*?\])? ", "", lines[-1])
    texts = [e["text"] for e in events if e["event"] == "record"]
    if not texts or texts[-1] != last:
        return Outcome(1, 1, [f"panic: the console ends with {last!r}, the receiver with {texts[-1:]}"])
    return Outcome(1, 0, [f"panic: {len(texts)} records, the last one {last!r} as on the console"])
