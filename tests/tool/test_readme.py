# SPDX-License-Identifier: MIT
"""What the README shows is what is there."""

import pathlib
import re

from conftest import DATA, run_tool

TOP = pathlib.Path(__file__).resolve().parents[2]
README = (TOP / "README.md").read_text()


def test_the_output_is_real():
    """Every line of the block of output, times and addresses aside, is one that the tool prints for that capture."""
    block = re.search(r"```console\n(\$ netcon listen.*?)```", README, re.S)[1]
    shown = [re.sub(r"^\S+ \S+ \S+ ", "", line) for line in block.splitlines()[1:] if not line.startswith("...")]
    printed = run_tool("decode", DATA / "captures" / "panic_612.pcap", "--color=never").stdout
    assert len(shown) >= 8
    for line in shown:
        assert line in printed


def test_the_commands_exist():
    commands = re.findall(r"^sh (\S+)$", README, re.M)
    assert commands == ["examples/quickstart.sh", "tests/run.sh"]
    for command in commands:
        assert (TOP / command).is_file()
