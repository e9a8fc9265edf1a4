# SPDX-License-Identifier: MIT
"""netconsole through a wireless device: two simulated radios in a guest, one in another namespace, where `netcon listen`
receives. Needs a kernel with all drivers (VERSION-amd64), and `iw` on this machine. With NETCON_RECORD=DIR the facts of both
states are written there."""

import json
import os
import pathlib
import re

from doctor import severities
from listener import TOOL
from machine import find, with_libraries
from outcome import Outcome

RECORDS = 5
SCRIPT = """
echo 0 > /proc/sys/kernel/panic
modprobe mac80211_hwsim radios=2
unshare -n sleep 1000 & ns=$!
sleep 0.5
iw phy phy1 set netns $ns
cat > /bin/join << 'END'
ip link set $1 down
iw dev $1 set type ibss
ip link set $1 up
iw dev $1 ibss join test 2412 fixed-freq 02:11:22:33:44:55
END
nsenter -t $ns -n sh -c "ip link set lo up; sh /bin/join wlan1; ip addr add 10.0.9.2/24 dev wlan1"
mac=$(nsenter -t $ns -n ip link show wlan1 | sed -n 's/.*ether \\([^ ]*\\).*/\\1/p')
nsenter -t $ns -n netcon listen --json > /out/heard 2> /out/listener &
ip link set wlan0 up
ip addr add 10.0.9.1/24 dev wlan0
modprobe netconsole
C=/sys/kernel/config/netconsole
mkdir $C/web
echo 1 > $C/web/extended
echo wlan0 > $C/web/dev_name
echo 10.0.9.1 > $C/web/local_ip
echo 10.0.9.2 > $C/web/remote_ip
echo $mac > $C/web/remote_mac
echo 1 > $C/web/enabled
cat $C/web/enabled > /out/enabled
netcon doctor --no-send > /out/alone
netcon doctor --no-send --facts > /out/wireless_alone.facts
sh /bin/join wlan0
for i in 1 2 3 4 5 6 7 8 9 10; do ping -c 1 -W 1 10.0.9.2 > /dev/null && break; done
for i in $(seq RECORDS); do echo "<6>over the air $i" > /dev/kmsg; done
sleep 1
netcon doctor --no-send > /out/associated
netcon doctor --no-send --facts > /out/wireless.facts
netcon suggest 10.0.9.2 > /out/suggested 2>&1
dmesg > /out/log
killall netcon
sleep 0.5
""".replace("RECORDS", str(RECORDS))


def wireless(kernel):
    if "mac80211_hwsim" not in kernel.modules:
        return Outcome(0, 1, [f"wireless: {kernel.name} has no mac80211_hwsim: {kernel.version}-amd64 may have it"])
    files = {
        **with_libraries("bin/netcon", TOOL),
        **with_libraries("sbin/iw", pathlib.Path(find("iw"))),
    }
    got = {
        name: data.decode(errors="replace")
        for name, data in kernel.boot(SCRIPT, files, "loglevel=7", memory=512, name="wireless").items()
    }
    if folder := os.environ.get("NETCON_RECORD"):
        for state in ("wireless_alone.facts", "wireless.facts"):
            pathlib.Path(folder, state).write_text(got[state])
    texts = [json.loads(line).get("text", "") for line in got["heard"].splitlines()]
    arrived = sum(text.startswith("over the air ") for text in texts)
    alone, associated = severities(got["alone"]), severities(got["associated"])
    seen = [
        ("the kernel enables the target", got["enabled"].strip() == "1"),
        ("alone the device has no carrier", alone.get("link") == "bad"),
        ("doctor warns of the device", alone.get("netpoll") == associated.get("netpoll") == "warning"),
        ("it finds nothing bad once the device is associated", "bad" not in associated.values()),
        ("every record arrives then", arrived == RECORDS),
        ("suggest takes the device, and warns", "wlan0" in got["suggested"] and "wireless" in got["suggested"]),
    ]
    warned = re.findall(r"WARNING: .* at (\S+)", got["log"])
    wrong = [f"wireless: not so: {what}" for what, holds in seen if not holds]
    if wrong:
        wrong += [got["associated"], got["suggested"], got["stderr"], *got["log"].splitlines()[-20:]]
    summary = f"wireless: {arrived} of {RECORDS} records over the air; warnings of the kernel at {warned or 'nothing'}"
    return Outcome(len(seen), sum(not holds for _, holds in seen), [*wrong, summary])
