"""What the README shows is what is there."""

import os
import pathlib
import re
import select
import socket
import subprocess

from conftest import DATA, run_tool

TOP = pathlib.Path(__file__).resolve().parents[2]
README = (TOP / "README.md").read_text()


def test_the_cpp_example_is_the_file():
    code = (TOP / "examples" / "receive.cpp").read_text()
    assert f"```cpp\n{code}```" in README


def test_the_cpp_example_receives():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([os.environ["NETCON_EXAMPLES"] + "/example_receive", str(port)],
                               stdout=subprocess.PIPE)
    try:
        for number in range(100):  # until it listens
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                sender.sendto(b"6,%d,1,-,ncfrag=7/12;\\xa9\n" % number, ("127.0.0.1", port))
                sender.sendto(b"6,%d,1,-,ncfrag=0/12;caf\\xc3" % number, ("127.0.0.1", port))
            if select.select([process.stdout], [], [], 0.1)[0]:
                break
        assert process.stdout.readline().decode() == "café\n"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_the_output_is_real():
    """Every line of the block of output, times and addresses aside, is one that the tool prints for that capture."""
    block = re.search(r"```console\n(\$ netcon listen.*?)```", README, re.S)[1]
    shown = [re.sub(r"^\S+ \S+ \S+ ", "", line) for line in block.splitlines()[1:] if not line.startswith("...")]
    printed = run_tool("decode", DATA / "captures" / "panic_612.jsonl", "--no-color").stdout
    assert len(shown) >= 8
    for line in shown:
        assert line in printed


def test_the_commands_exist():
    commands = re.findall(r"^sh (\S+)$", README, re.M)
    assert commands == ["examples/quickstart.sh", "tests/run.sh"]
    for command in commands:
        assert (TOP / command).is_file()
