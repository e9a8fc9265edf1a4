# SPDX-License-Identifier: MIT
"""What `netcon test` finds in a guest: targets that work, each dead set-up, and the console level to the digit."""

import json

from listener import TOOL, Listener
from machine import with_libraries
from outcome import Outcome
from receiver import NETWORK

# The receiver beyond QEMU's network, which does not look at MAC addresses, and one in a network namespace, which does.
SCRIPT = (
    NETWORK
    + """
modprobe netconsole
unshare -n sleep 100000 &
other=$!
until [ "$(readlink /proc/$other/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.1; done
inside="nsenter -t $other -n"
ip link set eth2 netns $other
ip link set eth1 up
ip addr add 10.9.0.1/24 dev eth1
$inside ip link set eth2 up
$inside ip addr add 10.9.0.2/24 dev eth2
$inside netcon listen 6666 --answer --allow 10.9.0.0/24 --json > /out/events 2> /out/notes &
listener=$!
until grep -q listening /out/notes; do sleep 0.1; done
try() {
  name=$1; shift
  "$@" > /out/$name 2> /out/$name.err
  echo $? > /out/$name.code
}
ask() { name=$1; shift; try $name netcon test --json --wait 6s "$@"; }
brief() { name=$1; shift; try $name netcon test --json --wait 2s "$@"; }
targets=/sys/kernel/config/netconsole
dmesg -n 8
try near netcon suggest 10.9.0.2 --name near --apply
try lan netcon suggest 10.0.2.2:PORT --name lan --extended --apply
ask all
ask urgent near --level crit
dmesg -n 7; ask seven near
dmesg -n 6; ask six near
dmesg -n 5; ask five near
dmesg -n 4; ask four
dmesg -n 3; brief three near
dmesg -n 8
echo Y > /sys/module/netconsole/parameters/oops_only
brief oops near
echo N > /sys/module/netconsole/parameters/oops_only
echo 0 > $targets/near/enabled
ask disabled near
ask enabled
echo 02:00:00:00:00:99 > $targets/near/remote_mac
echo 1 > $targets/near/enabled
brief mac near
try repair netcon suggest 10.9.0.2:6666 --name near --apply
ask repaired near
# The receiver gets another network card, then the device becomes the port of a bridge: what the timer runs corrects it.
$inside ip link set eth2 down
$inside ip link set eth2 address 02:00:00:00:00:42
$inside ip link set eth2 up
ip neigh flush dev eth1
brief card near
try timer netcon suggest 10.9.0.2 --name near --apply
ask corrected near
ip link add br0 type bridge
ip addr flush dev eth1
ip link set eth1 master br0
ip link set br0 up
ip addr add 10.9.0.1/24 dev br0
brief enslaved near
try bridge netcon suggest 10.9.0.2 --name near --apply --wait 30s
ask bridged near
try twice netcon suggest 10.9.0.2 --apply
try removed netcon configfs remove --all
try unloaded rmmod netconsole
# A target of the parameter, which configfs hides, with a MAC address that is wrong.
mkdir -p /etc/modprobe.d
echo "options netconsole netconsole=6665@10.9.0.1/br0,6666@10.9.0.2/02:00:00:00:00:99" > /etc/modprobe.d/netconsole.conf
modprobe netconsole
try hidden netcon configfs show
try document netcon configfs show --json
brief boot
try adopt netcon suggest 10.9.0.2 --apply
try again netcon suggest 10.9.0.2 --apply
ask adopted
rm /etc/modprobe.d/netconsole.conf
try clear netcon configfs remove --all
try unload rmmod netconsole
modprobe netconsole
try near netcon suggest 10.9.0.2 --name near --apply
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo "<14>a line" > /dev/kmsg; done
echo ratelimit > /proc/sys/kernel/printk_devkmsg
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do netcon test near > /dev/null || echo "$i failed" >> /out/limited; done
echo off > /proc/sys/kernel/printk_devkmsg
ask off near
kill $listener
wait $listener
"""
)


def answered(report, name):
    """The levels at which that target was answered."""
    return [p["level"] for t in report["targets"] if t["name"] == name for p in t["probes"] if p["probe"] == "answered"]


def probe(kernel):
    lan = Listener(options=("--answer", "--allow", "127.0.0.1"))
    try:
        got = kernel.boot(
            SCRIPT.replace("PORT", str(lan.port)),
            with_libraries("bin/netcon", TOOL),
            "loglevel=4",
            cable=True,
            name="probe",
        )
    finally:
        lan.stop()
    wrong, compared = [], 0

    def expect(name, code, levels=None, reason="", target="near"):
        """levels: at which the target was answered; reason: what one of its reasons says."""
        nonlocal compared
        compared += 1
        said = got[name].decode() + got[f"{name}.err"].decode()
        try:
            ok = int(got[f"{name}.code"]) == code
            if levels is not None:
                report = json.loads(got[name])
                reasons = [r for t in report["targets"] if t["name"] == target for r in t["reasons"]]
                ok = ok and answered(report, target) == levels
                ok = ok and (any(reason in one for one in reasons) if reason else not reasons)
            elif reason:
                ok = ok and reason in said
        except ValueError:
            ok = False
        if not ok:
            wrong.append(f"{name}: exit code {got[f'{name}.code'].decode().strip()}: {said!r}")

    for name in ("near", "lan", "repair"):
        expect(name, 0)
    expect("all", 0, [6])
    expect("all", 0, [6], target="lan")
    expect("urgent", 0, [2])
    expect("seven", 0, [6])
    expect("six", 1, [4], "console level 6")
    expect("five", 1, [4], "console level 5")
    expect("four", 1, [3], "console level 4")
    expect("four", 1, [3], "console level 4", target="lan")
    expect("three", 1, [], "console level 3")
    expect("oops", 1, [], "oops_only is on")
    expect("disabled", 1, [], "the target is disabled")
    expect("enabled", 0, [6], target="lan")
    expect("mac", 1, [], "02:00:00:00:00:99 is not that of 10.9.0.2")
    expect("repaired", 0, [6])
    expect("card", 1, [], "is not that of 10.9.0.2, which is at 02:00:00:00:00:42")
    expect("timer", 0, reason="-> 02:00:00:00:00:42")
    expect("corrected", 0, [6])
    expect("enslaved", 1, [], "became a port of a bridge")
    expect("bridge", 0, reason="dev_name eth1 -> br0")
    expect("bridged", 0, [6])
    expect("twice", 2, reason="target near sends to 10.9.0.2:6666 already")
    expect("removed", 0)
    expect("unloaded", 0)
    expect("hidden", 0, reason="cmdline0 of the parameter in /etc/modprobe.d/netconsole.conf is hidden")
    compared += 1
    documents = json.loads(got["document"] or b"[]")
    if [(one["name"], one.get("hidden"), one["remote_ip"]) for one in documents] != [("cmdline0", True, "10.9.0.2")]:
        wrong.append(f"document: {got['document']!r}")
    expect("boot", 1, [], "02:00:00:00:00:99 is not that of 10.9.0.2", target="cmdline0")
    if "boot_targets_in_configfs" in kernel.features:
        expect("adopt", 0, reason="target cmdline0 changed: remote_mac 02:00:00:00:00:99 -> 02:00:00:00:00:42")
        expect("again", 0, reason="target cmdline0 already configured")
        expect("adopted", 0, [6], target="cmdline0")
    else:
        expect("adopt", 2, reason="which this kernel does not show in configfs")
    expect("clear", 0)
    expect("unload", 0)
    expect("off", 2, reason="printk_devkmsg")
    if "limited" in got:
        wrong.append(f"with printk_devkmsg=ratelimit: {got['limited'].decode()!r}")
    events = [json.loads(line) for line in got["events"].splitlines()]
    texts = [event.get("text", "") for event in events if event.get("probe")]
    if not any("netcon-opening" in text for text in texts) or not any("netcon-probe" in text for text in texts):
        wrong.append(f"probes are not marked: {events[:5]}")
    if wrong:
        wrong.append(f"the script said {got['stderr'].decode()!r}")
    summary = f"probe: dead set-ups made in the guest, {compared} compared, {len(wrong)} differences"
    return Outcome(compared, len(wrong), [*wrong, summary])
