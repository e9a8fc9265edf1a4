# SPDX-License-Identifier: MIT
"""netcon explain --log: pasted lines of a kernel's log."""

import pytest
from conftest import DATA, run_tool

BAD_TARGET = """\
[    5.000000] netpoll: netconsole: local port 6665
[    5.000001] netpoll: netconsole: local IPv4 address 0.0.0.0
[    5.000002] netpoll: netconsole: interface name 'eth9'
[    5.000003] netpoll: netconsole: remote port 6666
[    5.000004] netpoll: netconsole: remote IPv4 address 10.0.0.2
[    5.000005] netpoll: netconsole: remote ethernet address 52:55:0a:00:02:02
[    5.000006] netpoll: netconsole: eth9 doesn't exist, aborting
[    5.000007] netconsole: Not enabling netconsole for cmdline0. Netpoll setup failed
[    5.000008] printk: legacy console [netcon0] enabled
[    5.000009] netconsole: network logging started
"""


def test_a_line_its_meaning_and_what_to_do():
    done = run_tool("explain", "--log", stdin=b"x\n" + BAD_TARGET.encode())
    assert done.returncode == 1 and done.stderr == ""
    assert (
        "netpoll: netconsole: eth9 doesn't exist, aborting\n"
        "  bad: 10.0.0.2:6666 through eth9: there was no device eth9 when the target was set up: "
        "the target is not enabled\n"
        "  # ip link\n"
    ) in done.stdout
    assert "  bad: cmdline0: cmdline0 exists but is disabled" in done.stdout
    assert len(done.stdout.splitlines()) == 2 * 10 + 2


@pytest.mark.parametrize(
    "form",
    [
        "{}",
        "[    5.123456] {}",
        "[Fri Nov 27 10:00:00 2026] {}",
        "<4>[    5.123456] {}",
        "Nov 27 10:00:00 web17 kernel: {}",
        "Nov 27 10:00:00 web17 kernel: [    5.123456] {}",
        "2026-11-27T10:00:00+0000 web17 kernel: {}",
        "3,339,5140900,-;{}",
    ],
)
def test_whatever_printed_the_log(form, tmp_path):
    (tmp_path / "log").write_text(form.format("netpoll: netconsole: eth0 is a slave device, aborting") + "\r\n")
    done = run_tool("explain", "--log", tmp_path / "log")
    assert done.returncode == 1
    assert "eth0 belongs to a bridge, bond or team" in done.stdout


def test_a_capture_of_a_booted_kernel():
    done = run_tool("explain", "--log", DATA / "captures/bootparam_cid.pcap")
    assert done.returncode == 0, done.stderr
    assert "10.0.2.15: netconsole: network logging started\n  ok: " in done.stdout


def test_the_target_of_each_machine_by_itself(tmp_path):
    (tmp_path / "log").write_text(
        "Nov 27 10:00:00 web1 kernel: netpoll: netconsole: interface name 'eth1'\n"
        "Nov 27 10:00:00 web2 kernel: netpoll: netconsole: interface name 'eth2'\n"
        "Nov 27 10:00:00 web1 kernel: netpoll: netconsole: timeout waiting for carrier\n"
    )
    assert "web1: netpoll: netconsole: timeout waiting for carrier\n  warning: through eth1: " in (
        run_tool("explain", "--log", tmp_path / "log").stdout
    )


def test_nothing_about_netconsole():
    done = run_tool(
        "explain", "--log", "-", stdin=b"usb 1-1: new device\nNov 27 10:00:00 web1 cron[1]: netconsole: x\n"
    )
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "netcon explain: no line is about netconsole or a console\n"


def test_nothing_of_a_log_reaches_the_terminal_or_the_shell():
    done = run_tool(
        "explain", "--log", stdin=b"netpoll: netconsole: no IP address for \x1b[2J\x07$(reboot), aborting\n"
    )
    assert "\x1b" not in done.stdout and "\x07" not in done.stdout
    assert r"# ip address show dev '\x07$(reboot)'" in done.stdout


def test_mistakes_are_one_line(tmp_path):
    for arguments in (("--log", tmp_path / "none"), ("@/,@10.0.0.2/", "--log"), (), ("--log", "a", "b")):
        done = run_tool("explain", *arguments)
        assert done.returncode == 2 and done.stdout == ""
        assert done.stderr.startswith("netcon explain: ") and len(done.stderr.splitlines()) == 1
