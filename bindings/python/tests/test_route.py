# SPDX-License-Identifier: MIT
from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import netcon
import pytest

REMOTE = "203.0.113.9"


def way() -> netcon.Route:
    try:
        return netcon.find_route(REMOTE)
    except netcon.RouteError as problem:
        pytest.skip(f"no route out of here: {problem}")


def test_find_route() -> None:
    found = way()
    assert found.source.version == found.next_hop.version == 4
    assert found.via_gateway == (str(found.next_hop) != REMOTE) and not found.is_broadcast
    folder = Path("/sys/class/net") / found.dev_name
    assert int((folder / "ifindex").read_text()) == found.dev_index
    assert found.is_wireless == ((folder / "wireless").exists() or (folder / "phy80211").exists())


@pytest.mark.parametrize(("entry", "expected"), [("wireless", True), ("phy80211", True), ("queues", False)])
def test_a_wireless_device_is_known_by_sysfs(entry: str, expected: bool) -> None:
    """Of a sysfs that is made up: few machines have both kinds of devices."""
    folder = f"/sys/class/net/{way().dev_name}/{entry}"
    program = f"import netcon; print(netcon.find_route('{REMOTE}').is_wireless)"
    shell = 'mount -t tmpfs none /sys/class/net && mkdir -p "$0" && echo made && exec "$1" -c "$2"'
    package = str(Path(netcon.__file__).parents[1])
    try:
        result = subprocess.run(
            ["unshare", "-m", "sh", "-c", shell, folder, sys.executable, program],
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": package},
        )
    except OSError as problem:
        pytest.skip(str(problem))
    if "made" not in result.stdout:
        pytest.skip(f"needs root and a mount namespace: {result.stderr}")
    assert result.stdout.split() == ["made", str(expected)], result.stderr
