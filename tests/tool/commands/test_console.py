# SPDX-License-Identifier: MIT
"""netcon console: a boot loader on the other end of a socket."""

import os
import pty
import signal
import socket
import subprocess
import time

import pytest
from conftest import TOOL, run_tool
from network import two_networks  # noqa: F401  a fixture


class Board:
    """A socket that plays U-Boot, and a console that talks to it."""

    def __init__(self, *arguments, **options):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(10)
        options = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, **options}
        self.process = subprocess.Popen(
            [TOOL, "console", f"127.0.0.1:{self.socket.getsockname()[1]}", "--listen", "0", *arguments],
            stderr=subprocess.PIPE,
            **options,
        )
        self.notes = self.process.stderr.readline().decode()
        self.console = ("127.0.0.1", int(self.notes.split("port ")[1].split(";")[0]))

    def close(self):
        self.process.kill()
        self.process.communicate()
        self.socket.close()


def test_a_conversation():
    board = Board()
    try:
        board.process.stdin.write(b"printenv\n")
        board.process.stdin.flush()
        text, peer = board.socket.recvfrom(512)
        assert text == b"printenv\n"
        assert peer == board.console
        board.socket.sendto(b"bootdelay=3\r\n", board.console)
        board.socket.sendto(b"=> ", board.console)
        board.process.stdin.close()
        board.process.stdin = None
        out, _ = board.process.communicate(timeout=30)
        assert out == b"bootdelay=3\n=> "
        assert board.process.returncode == 0
    finally:
        board.close()


def test_controls_are_shown_and_strangers_ignored():
    board = Board()
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.bind(("127.0.0.3", 0))
            stranger.sendto(b"stranger\n", board.console)
        board.socket.sendto(b"\x1b[2J\x07tab\there\x9b31m\xff\n", board.console)
        line = board.process.stdout.readline()
        assert line == b"\\x1b[2J\\x07tab\there\\x9b31m\\xff\n"
        board.process.send_signal(signal.SIGTERM)
        out, _ = board.process.communicate(timeout=30)
        assert out == b"" and board.process.returncode == 0
    finally:
        board.close()


def test_raw_keys_on_a_terminal():
    master, slave = pty.openpty()
    board = Board("--raw", stdin=slave, stdout=slave)
    try:
        deadline = time.monotonic() + 10
        import termios

        while termios.tcgetattr(slave)[3] & termios.ICANON and time.monotonic() < deadline:
            time.sleep(0.01)
        os.write(master, b"\x03")  # Ctrl-C goes to the board, at once and without a newline
        assert board.socket.recv(512) == b"\x03"
        board.socket.sendto(b"\x1b[1m=>", board.console)
        got = b""
        while b"=>" not in got:
            got += os.read(master, 100)
        assert b"\x1b[1m=>" in got
        os.write(master, b"\x1d")
        assert board.process.wait(30) == 0
        assert termios.tcgetattr(slave)[3] & termios.ICANON
    finally:
        board.close()
        os.close(master)
        os.close(slave)


def test_it_ends_when_the_board_is_quiet():
    board = Board("--wait", "1500ms")
    try:
        board.process.stdin.close()
        board.process.stdin = None
        for _ in range(4):
            time.sleep(0.5)
            board.socket.sendto(b".", board.console)
        out, _ = board.process.communicate(timeout=30)
        assert out == b"...."
    finally:
        board.close()


def test_a_line_that_nobody_hears_is_no_end():
    board = Board()
    try:
        address = board.socket.getsockname()
        board.socket.close()
        for line in (b"one\n", b"two\n"):
            board.process.stdin.write(line)
            board.process.stdin.flush()
            time.sleep(0.2)
        board.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        board.socket.bind(address)
        board.socket.settimeout(10)
        board.process.stdin.write(b"a\x1db\n")  # Ctrl-] is a byte like others outside of a raw terminal
        board.process.stdin.flush()
        assert board.socket.recv(512) == b"a\x1db\n"
    finally:
        board.close()


def test_a_board_that_refuses_is_named():
    board = Board("--wait", "200ms")
    try:
        address = board.socket.getsockname()
        board.socket.close()
        _, err = board.process.communicate(b"one\ntwo\n", timeout=30)
        assert err.decode() == f"netcon console: 127.0.0.1:{address[1]} refuses: no console listens there\n"
        assert board.process.returncode == 1
    finally:
        board.close()


def test_a_board_that_is_there_again_has_not_refused():
    board = Board("--wait", "300ms")
    try:
        address = board.socket.getsockname()
        board.socket.close()
        board.process.stdin.write(b"one\n")
        board.process.stdin.flush()
        assert b"refuses" in board.process.stderr.readline()
        board.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        board.socket.bind(address)
        board.socket.sendto(b"=> ", board.console)
        out, err = board.process.communicate(b"two\n", timeout=30)
        assert (out, err, board.process.returncode) == (b"=> ", b"", 0)
    finally:
        board.close()


def test_a_board_that_says_nothing():
    board = Board("--wait", "200ms")
    try:
        _, err = board.process.communicate(b"one\n", timeout=30)
        assert b"nothing came back" in err and board.process.returncode == 0
    finally:
        board.close()


def test_a_board_that_is_off(two_networks):
    here, _ = two_networks
    console = here.inside(TOOL, "console", "10.0.0.99", "--wait", "5s")
    here.ip("route add 10.0.0.99/32 dev eth0")
    done = subprocess.run(console, input=b"one\n", capture_output=True, timeout=60)
    assert b"10.0.0.99 does not answer: is it on and connected?" in done.stderr
    assert done.returncode == 1


def test_the_same_port_on_both_sides_by_default():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    process = subprocess.Popen(
        [TOOL, "console", f"127.0.0.1:{port}", "--wait", "0"], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    _, err = process.communicate(timeout=30)
    assert f"listening on port {port}".encode() in err
    assert process.returncode == 0


@pytest.mark.parametrize("address", ["255.255.255.255", "10.1.0.255"])
def test_a_board_whose_address_is_not_known_yet(two_networks, address):
    here, board = two_networks
    process = subprocess.Popen(
        here.inside(TOOL, "console", address),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        process.stderr.readline()
        answer = (
            "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('', 6666)); "
            "s.settimeout(10); print('ready', flush=True); text, peer = s.recvfrom(512); "
            "s.sendto(b'heard ' + text, peer)"
        )
        uboot = subprocess.Popen(board.inside("python3", "-c", answer), stdout=subprocess.PIPE)
        assert uboot.stdout.readline() == b"ready\n"
        here.ip("route add 255.255.255.255 dev eth0")
        out, _ = process.communicate(b"version\n", timeout=30)
        assert out == b"heard version\n"
        uboot.communicate(timeout=30)
    finally:
        process.kill()


def test_what_keeps_keys_from_being_sent_is_named(two_networks):
    here, _ = two_networks
    done = subprocess.run(here.inside(TOOL, "console", "192.0.2.1"), input=b"one\n", capture_output=True, timeout=60)
    assert b"cannot send to 192.0.2.1:6666: Network is unreachable" in done.stderr
    assert done.returncode == 2


def test_mistakes():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("0.0.0.0", 0))
        done = run_tool("console", "127.0.0.1", "--listen", s.getsockname()[1])
    assert done.returncode == 2 and "choose another one with --listen" in done.stderr
    assert run_tool("console").returncode == 2
    assert run_tool("console", "--help").returncode == 0
