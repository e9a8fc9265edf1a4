# SPDX-License-Identifier: MIT
"""The tool where standard input, output or error is closed, full, or not what it should be."""

import json
import signal
import socket
import subprocess

import pytest
from conftest import TOOL, free_port

TARGET = "@/eth0,@10.0.0.2/"
REPORTS = [
    ("--help",),
    ("listen", "--help"),
    ("--version",),
    ("lint", "x"),
    ("lint", "--json", "x"),
    ("lint", "--fix", TARGET),
    ("explain", TARGET),
    ("format", TARGET),
    ("configfs", "plan", "none", TARGET),
]


def shell(redirected, *args):
    """Runs the tool with what a shell makes of the redirections."""
    return subprocess.run(
        ["sh", "-c", f'exec "$@" {redirected}', "sh", TOOL, *args],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=20,
    )


@pytest.mark.parametrize("args", REPORTS)
@pytest.mark.parametrize("redirected, why", [(">/dev/full", "No space left on device"), (">&-", "Bad file descriptor")])
def test_output_that_does_not_get_out_is_said(args, redirected, why):
    done = shell(redirected, *args)
    assert done.returncode == 2
    last = done.stderr.splitlines()[-1]
    assert last in (f"netcon: cannot write the output: {why}", "netcon: cannot write the output")


def test_more_output_than_a_buffer_holds(tmp_path):
    (tmp_path / "many").write_text("@/,66666@10.0.0.2/\n" * 1000)
    done = shell(">/dev/full", "lint", "--format", "parameters", "--file", str(tmp_path / "many"))
    assert done.returncode == 2 and done.stderr.startswith("netcon: cannot write the output")


@pytest.mark.parametrize("ignored", [False, True])
def test_a_reader_that_has_gone_is_no_mistake(tmp_path, ignored):
    (tmp_path / "many").write_text("@/,66666@10.0.0.2/\n" * 10000)
    how = signal.SIG_IGN if ignored else signal.SIG_DFL
    process = subprocess.Popen(
        [TOOL, "lint", "--format", "parameters", "--file", str(tmp_path / "many")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        restore_signals=False,
        preexec_fn=lambda: signal.signal(signal.SIGPIPE, how),
    )
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(20) == (1 if ignored else -signal.SIGPIPE)


@pytest.mark.parametrize("redirected", ["2>/dev/full", "2>&-", "<&- >&- 2>&-"])
def test_a_listener_goes_on_without_standard_error(tmp_path, redirected):
    port = free_port()
    process = subprocess.Popen(
        [
            "sh",
            "-c",
            f'exec "$@" {redirected}',
            "sh",
            TOOL,
            "listen",
            f"127.0.0.1:{port}",
            "--to",
            f"json@dir:{tmp_path}",
            "--count",
            "1",
            "--for",
            "20s",
            "--stats",
            "100ms",
        ]
    )
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        while process.poll() is None:
            s.sendto(b"6,1,2000,-;hello\n", ("127.0.0.1", port))
            try:
                process.wait(0.1)
            except subprocess.TimeoutExpired:
                pass
    assert process.returncode == 0
    assert json.loads((tmp_path / "127.0.0.1.log").read_text().splitlines()[0])["text"] == "hello"


def test_a_socket_never_takes_the_place_of_standard_output():
    done = shell(">&-", "listen", "127.0.0.1:0", "--for", "200ms")
    assert done.returncode == 0 and done.stdout == ""


@pytest.mark.parametrize("redirected", ["<&-", "</"])
@pytest.mark.parametrize(
    "args", [("send", "127.0.0.1:9"), ("decode", "-"), ("lint", "-"), ("console", "127.0.0.1:9", "--listen", "0")]
)
def test_input_that_cannot_be_read_is_said(args, redirected):
    done = shell(redirected, *args)
    assert done.returncode == 2
    problems = ("Bad file descriptor", "Invalid argument", "Is a directory")
    assert any(f": {why}\n" in done.stderr for why in problems)
