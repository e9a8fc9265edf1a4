# SPDX-License-Identifier: MIT
"""Threads, tasks and handlers of signals go on while netcon works."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import netcon

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(netcon.__file__).parents[1])}


def test_the_first_use_of_a_module_in_two_threads() -> None:
    # In a process of its own: nothing has imported json there.
    code = """
import sys, threading, time
import netcon

class Slow:
    def find_spec(self, name, path=None, target=None):
        time.sleep(0.2 if name == "json" else 0)

assert "json" not in sys.modules
sys.meta_path.insert(0, Slow())
event = netcon.LostEvent(("10.0.0.1", 6665), time=1.0)
got = []
threads = [threading.Thread(target=lambda: got.append(event.to_dict()), daemon=True) for _ in range(4)]
for one in threads:
    one.start()
for one in threads:
    one.join()
assert got == [event.to_dict()] * 4
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, env=ENVIRONMENT)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_write_to_a_mounted_tree_may_take_long(tmp_path: Path) -> None:
    # As the kernel does that waits for a device: this one waits for the thread. In a process of its own, which can be ended.
    (tmp_path / "box1").mkdir()
    os.mkfifo(tmp_path / "box1" / "enabled")
    code = """
import sys, threading, time
from netcon import configfs

def read():
    time.sleep(0.1)
    with open(sys.argv[1] + "/box1/enabled", "rb") as file:
        print(file.read())

thread = threading.Thread(target=read, daemon=True)
thread.start()
configfs.MountedTree(sys.argv[1]).write("box1/enabled", b"1")
thread.join()
"""
    command = [sys.executable, "-c", code, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, env=ENVIRONMENT)
    assert (done.stdout, done.stderr) == ("b'1'\n", "")
