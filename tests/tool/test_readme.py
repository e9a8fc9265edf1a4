# SPDX-License-Identifier: MIT
"""What the README shows is what is there."""

import json
import os
import pathlib
import re
import shutil
import subprocess

import pytest
from conftest import DATA, run_tool

TOP = pathlib.Path(__file__).resolve().parents[2]
README = (TOP / "README.md").read_text()


def test_the_output_is_real():
    """Every line of the block of output is one that the tool prints for that capture."""
    block = re.search(r"```console\n\$ netcon crashes kernel.log\n(.*?)```", README, re.S)[1]
    printed = run_tool("crashes", DATA / "captures" / "oops_cid.pcap").stdout
    assert len(block.splitlines()) == 3
    for line in block.splitlines():
        assert line in printed


def test_each_command_is_one_of_the_tool():
    """Its options too."""
    for command, rest in re.findall(r"^netcon (\w+)(.*?)(?:  .*)?$", README, re.M):
        text = run_tool(command, "--help").stdout
        assert f"Usage: netcon {command}" in text
        for option in re.findall(r"--[a-z-]+", rest):
            assert option in text, (command, option)


def test_the_program_compiles_without_a_warning(tmp_path):
    compiler = shutil.which("g++") or shutil.which("clang++-19")
    if compiler is None:
        pytest.skip("no compiler")
    (tmp_path / "readme.cpp").write_text(re.search(r"```cpp\n(.*?)```", README, re.S)[1])
    flags = [
        "-std=c++23",
        "-Wall",
        "-Wextra",
        "-Wconversion",
        "-Wshadow",
        "-Werror",
        "-fsyntax-only",
        f"-I{TOP}/include",
    ]
    subprocess.run([compiler, *flags, tmp_path / "readme.cpp"], check=True, timeout=300)


def test_the_commands_exist():
    commands = re.findall(r"`(?:NETCON_CHECKS=\w+ )?sh (\S+)`", README)
    assert commands[:3] == ["examples/quickstart.sh", "examples/two-machines.sh", "tests/run.sh"]
    for command in commands:
        assert (TOP / command).is_file()


def test_the_numbers_are_those_of_the_corpus():
    """The README's and the pages': they grow with it."""
    rows = {
        part: [json.loads(line) for line in (DATA / "corpus" / f"{part}.jsonl").read_text().splitlines()][1:]
        for part in ("captures", "configfs")
    }
    captures = f"{len(rows['captures'])} captures"
    assert re.findall(r"\d+ captures", README) == [captures]
    assert re.findall(r"\d+ captures", (TOP / "docs/wire.md").read_text()) == [captures]
    kernels = {kernel for row in rows["configfs"] for answer in row["answers"] for kernel in answer["kernels"]}
    page = (TOP / "docs/configfs.md").read_text()
    assert f"All {len(rows['configfs']):,} operations" in page
    assert f"each of the {len(kernels)} kernels" in page


def test_the_service_is_installed_by_hand_as_the_page_says(tmp_path):
    """Each file of the units is there, where systemd and the units look for it."""
    section = (TOP / "docs/receiving.md").read_text().partition("## As a service")[2]
    block = re.search(r"```sh\n(.*?)```", section, re.S)[1]
    first, directory, *commands = block.splitlines()
    assert directory == "cd examples/packaging"
    for command in commands:
        if command.startswith("install "):
            words = [f"{tmp_path}{word}" if word.startswith("/etc") else word for word in command.split()]
            subprocess.run(words, cwd=TOP / "examples/packaging", check=True)
    there = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    units = {path.name for path in (TOP / "examples/packaging/systemd").iterdir()}
    assert {f"etc/systemd/system/{name}" for name in units if name.startswith("netcon") and "." in name} - there == {
        f"etc/systemd/system/{name}" for name in ("netcon.sysusers", "netcon.tmpfiles", "netcon-generator.sh")
    }
    prefix = re.search(r"--component tool --prefix (\S+)$", first)[1]
    for path in (tmp_path / "etc/systemd/system").glob("*.service"):
        for program, rest in re.findall(r"^Exec\w+=(\S*netcon) ?(.*)$", path.read_text(), re.M):
            assert program == f"{prefix}/bin/netcon"
            for config in re.findall(r"--config (\S+)", rest):
                assert config[1:] in there


def test_each_claim_has_a_command_that_runs_tests():
    rows = re.search(r"## What shows it\n\n(.*?)\n\n", README, re.S)[1].splitlines()[2:]
    assert len(rows) >= 8
    assert all(re.search(r"\| `(ctest|sh|NETCON_CHECKS=\w+ sh) [^|]*` \|$", row) for row in rows)
    build = pathlib.Path(os.environ["NETCON_TOOL"]).resolve().parents[2]
    if not (build / "CTestTestfile.cmake").is_file():
        pytest.skip("the tool is not in a build tree")
    for name in re.findall(r"ctest --preset default -R ([\w.]+)", README):
        found = subprocess.run(
            ["ctest", "--test-dir", build, "-N", "-R", name], capture_output=True, text=True, check=True
        )
        assert "Total Tests: 0" not in found.stdout, name
