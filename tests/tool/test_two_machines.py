# SPDX-License-Identifier: MIT
"""examples/two-machines.sh, from nothing to the report of a crash."""

import os
import pathlib
import re
import subprocess

import network
import pytest
from conftest import TOOL

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "examples" / "two-machines.sh"


def test_it_ends_with_the_report_of_a_crash_and_leaves_nothing():
    if reason := network.unavailable():
        pytest.skip(reason)
    where, name = os.path.split(TOOL)  # a path from here
    env = {**os.environ, "NETCON": f"./{name}"}
    done = subprocess.run(["sh", SCRIPT], capture_output=True, text=True, timeout=120, env=env, cwd=where, check=False)
    assert done.returncode == 0, done.stderr
    assert "through eth0 to 10.1.0.1" in done.stdout
    assert re.search(r"10\.1\.0\.1:6666 +info +answered", done.stdout)
    listed = re.findall(r"^ +\d+  \S+ \S+  10\.1\.0\.2:\d+ +(.*)$", done.stdout, re.M)
    assert listed == [
        "WARNING in lkdtm_WARNING  (complete)",
        "BUG: unable to handle kernel NULL pointer dereference in lkdtm_EXCEPTION  (complete)",
        "kernel BUG in lkdtm_BUG  (complete)",
    ]
    assert "\ntext: complete\n" in done.stdout
    assert "netcon-" not in subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True).stdout
