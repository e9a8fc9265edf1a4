# SPDX-License-Identifier: MIT
"""The units of `suggest --as systemd`, loaded and run by a real systemd: in systemd-nspawn, over an overlay of this system.

netconsole's directory is one of files, as this kernel may have none: what the service does to it is what counts here. The
real one is held against real kernels by tests/kernel/probe.py.
"""

import contextlib
import os
import re
import shutil
import subprocess

import pytest
from conftest import TOOL, text_of
from network import two_networks  # noqa: F401  a fixture

SCRIPT = r"""
set -u
units=/etc/systemd/system
target=/sys/kernel/config/netconsole/netcon
expect() {
  n=0
  until eval "$2"; do
    n=$((n + 1))
    [ $n -lt 600 ] || { echo "FAILED: $1"; systemctl status netconsole.service netconsole.timer; return; }
    sleep 0.1
  done
  echo "ok: $1"
}
corrected='[ "$(cat $target/remote_mac)" = RIGHT_MAC ]'
spoil() { echo 02:00:00:00:00:99 >$target/remote_mac; }

mount -t tmpfs tmpfs /sys/kernel && mkdir -p $target/userdata || { echo "SKIP: /sys/kernel cannot be replaced"; exit; }
for pair in enabled=1 extended=0 release=0 dev_name=eth0 local_port=6665 remote_port=6666 local_ip=10.1.0.2 \
  remote_ip=10.1.0.1 local_mac=ff:ff:ff:ff:ff:ff remote_mac=02:00:00:00:00:99; do
  echo "${pair#*=}" >"$target/${pair%%=*}"
done
TOOL suggest 10.1.0.1 --as systemd --unit-dir $units
systemctl daemon-reload
expect "both are verified" "systemd-analyze verify $units/netconsole.service $units/netconsole.timer"
expect "both are enabled" "systemctl enable netconsole.service netconsole.timer"
expect "the service starts" "systemctl start netconsole.service"
expect "it corrected the MAC address" "$corrected"
expect "it starts again" "systemctl start netconsole.service"
# A start that fails, because the receiver is not reached, is no obstacle for the next one.
ip link set eth0 down || echo "FAILED: the link stays up"
spoil
systemctl start netconsole.service 2>&1 | grep -q "control process exited" && echo "ok: without a way it fails"
ip link set eth0 up
# The timer as it is waits for the next quarter of an hour; a shorter calendar makes it the same timer, only sooner.
systemctl start netconsole.timer
expect "the timer waits" '[ "$(systemctl is-active netconsole.timer)" = active ]'
mkdir -p $units/netconsole.timer.d
printf '[Timer]\nOnCalendar=\nOnCalendar=*:*:*\nRandomizedDelaySec=0\nAccuracySec=100ms\n' \
  >$units/netconsole.timer.d/often.conf
systemctl daemon-reload
systemctl restart netconsole.timer
expect "the timer corrected it after a start that had failed" "$corrected"
spoil
expect "the timer corrected it again" "$corrected"
"""
UNIT = """[Unit]
Description=Test of netcon
DefaultDependencies=no
[Service]
Type=oneshot
ExecStart=/bin/sh /run/check/script
ExecStopPost=/bin/systemctl --no-block --force poweroff
StandardOutput=file:/run/check/log
StandardError=inherit
TimeoutStartSec=600
"""
EXPECTED = 9
# systemd wants the unified hierarchy of control groups, and nspawn wants its files out of those of this system.
PREPARE = """
[ -e /sys/fs/cgroup/cgroup.controllers ] || { umount -R /sys/fs/cgroup && mount -t cgroup2 cgroup2 /sys/fs/cgroup; }
mkdir -p /run/systemd && mount -t tmpfs tmpfs /run/systemd
exec "$@"
"""


def mount(at_the_end, *arguments):
    """Why it cannot be mounted; empty when it was."""
    done = subprocess.run(["mount", *map(str, arguments)], capture_output=True, text=True, check=False)
    if done.returncode == 0:
        at_the_end.callback(subprocess.run, ["umount", "-l", arguments[-1]], check=False)
    return done.stderr.strip()


def test_a_real_systemd_runs_the_service_and_the_timer(two_networks, tmp_path):
    for program in ("systemd-nspawn", "systemd-analyze"):
        if not shutil.which(program):
            pytest.skip(f"SKIP: needs {program} (packages systemd, systemd-container)")
    sender, receiver = two_networks
    mac = re.search(r"link/ether (\S+)", receiver.run("ip", "link", "show", "eth0").stdout)[1]
    layers, root, check = (tmp_path / name for name in ("layers", "root", "check"))
    for folder in (layers, root, check):
        folder.mkdir()
    (check / "script").write_text(
        SCRIPT.replace("RIGHT_MAC", mac).replace("TOOL", f"/run/tool/{os.path.basename(TOOL)}")
    )
    with contextlib.ExitStack() as at_the_end:
        problem = mount(at_the_end, "-t", "tmpfs", "tmpfs", layers)
        for name in ("upper", "work"):
            (layers / name).mkdir()
        options = f"lowerdir=/,upperdir={layers}/upper,workdir={layers}/work"
        problem = problem or mount(at_the_end, "-t", "overlay", "overlay", "-o", options, root)
        if problem:
            pytest.skip(f"SKIP: {problem}")
        (root / "etc/systemd/system/netcon-check.service").write_text(UNIT)
        done = subprocess.run(
            [
                "unshare", "-m", "sh", "-c", PREPARE, "sh", "timeout", "-k", "10", "100", "systemd-nspawn", "--quiet",
                "--register=no", "--keep-unit", "--console=pipe", "--link-journal=no", "--capability=CAP_NET_ADMIN", f"--network-namespace-path=/run/netns/{sender.name}", f"--directory={root}",
                f"--bind={check}:/run/check", f"--bind-ro={os.path.dirname(os.path.abspath(TOOL))}:/run/tool",
                "--boot", "systemd.unit=netcon-check.service", "systemd.log_level=warning",
            ],
            stdin=subprocess.DEVNULL, capture_output=True, check=False,
        )  # fmt: skip
    said = text_of(check / "log")
    if "SKIP: " in said or not said:
        pytest.skip(f"SKIP: systemd does not boot here: {said} {done.stdout[-500:]} {done.stderr[-500:]}")
    assert "FAILED" not in said, said
    assert said.count("ok: ") == EXPECTED, said
