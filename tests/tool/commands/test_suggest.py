"""netcon suggest: in namespaces of its own, from the address alone to configuration that a kernel takes."""

import os
import pathlib
import re
import signal
import subprocess
import time

import pytest
from conftest import TOOL, run_tool
from network import two_networks  # noqa: F401  a fixture


def mac_of(network):
    return re.search(r"link/ether (\S+)", network.run("ip", "link", "show", "eth0").stdout)[1]


def suggest(network, *arguments):
    return network.run(TOOL, "suggest", *arguments)


def test_everything_at_once(two_networks):
    sender, receiver = two_networks
    mac = mac_of(receiver)
    done = suggest(sender, "10.1.0.1", "--kernel", "6.12", "--extended", "--from-port", "7000")
    assert done.returncode == 0, done.stderr
    assert f"# from 10.1.0.2 through eth0 to 10.1.0.1 at {mac}\n" in done.stdout
    assert f"netconsole.netconsole=+7000@10.1.0.2/,@10.1.0.1/{mac}\n" in done.stdout
    assert f"options netconsole netconsole=+7000@10.1.0.2/,@10.1.0.1/{mac}\n" in done.stdout
    assert "#!/bin/sh\n" in done.stdout
    assert "[Service]\n" in done.stdout


def test_one_form_and_nothing_else(two_networks):
    sender, receiver = two_networks
    mac = mac_of(receiver)
    assert suggest(sender, "10.1.0.1:7001", "--kernel", "6.12", "--as", "cmdline").stdout == (
        f"netconsole.netconsole=@10.1.0.2/,7001@10.1.0.1/{mac}\n"
    )
    assert suggest(sender, "10.1.0.1", "--kernel", "6.12", "--release", "--as", "modprobe").stdout == (
        f"options netconsole netconsole=+r@10.1.0.2/,@10.1.0.1/{mac}\n"
    )
    script = suggest(sender, "10.1.0.1", "--kernel", "6.12", "--userdata", "host=web 17", "--as", "shell").stdout
    assert script.startswith("#!/bin/sh\n")
    assert subprocess.run(["sh", "-n"], input=script, text=True).returncode == 0
    unit = suggest(sender, "10.1.0.1", "--kernel", "6.12", "--userdata", "host=web 17", "--as", "systemd").stdout
    assert unit.startswith("[Unit]\n") and "web 17" in unit


def test_a_secret_for_the_receiver(two_networks):
    sender, _ = two_networks
    tokens = set()
    for _ in range(2):
        done = suggest(sender, "10.1.0.1", "--kernel", "6.12", "--token", "--as", "shell")
        tokens.add(re.search(r"netcon listen --require token=([0-9a-f]{32})\n", done.stderr)[1])
        assert any(token in done.stdout for token in tokens)
    assert len(tokens) == 2


def test_the_script_makes_the_target(two_networks, tmp_path):
    """Against a directory that takes files, so that what would be written is seen."""
    sender, receiver = two_networks
    script = suggest(sender, "10.1.0.1", "--kernel", "6.12", "--userdata", "host=web", "--as", "shell").stdout
    mkdir = tmp_path / "mkdir"
    mkdir.write_text('#!/bin/sh\nexec /bin/mkdir -p "$@"\n')
    mkdir.chmod(0o755)
    done = subprocess.run(
        ["sh"],
        input=script,
        text=True,
        capture_output=True,
        env={**os.environ, "NETCONSOLE": str(tmp_path), "PATH": f"{tmp_path}:{os.environ['PATH']}"},
    )
    assert done.returncode == 0, done.stderr
    target = tmp_path / "netcon"
    written = {str(path.relative_to(target)): path.read_text() for path in target.rglob("*") if path.is_file()}
    assert written == {
        "extended": "1\n",
        "local_ip": "10.1.0.2\n",
        "remote_ip": "10.1.0.1\n",
        "remote_mac": mac_of(receiver) + "\n",
        "userdata/host/value": "web\n",
        "enabled": "1\n",
    }


def test_each_option_finds_its_way_into_the_text(two_networks):
    sender, receiver = two_networks
    mac = mac_of(receiver)
    plain = suggest(sender, "10.1.0.1", "--kernel", "6.12", "--as", "cmdline").stdout

    def cmdline(*options):
        return suggest(sender, "10.1.0.1", "--kernel", "6.12", "--as", "cmdline", *options).stdout

    assert plain == f"netconsole.netconsole=@10.1.0.2/,@10.1.0.1/{mac}\n"
    assert cmdline("--extended") == plain.replace("=@", "=+@")
    assert cmdline("--release") == plain.replace("=@", "=+r@")
    assert cmdline("--from-port", "7000") == plain.replace("=@", "=7000@")
    # A second way, which the tables would not choose.
    sender.connect("eth1", receiver, "eth1")
    sender.ip("addr add 10.1.0.3/24 dev eth1")
    assert "/eth1,@" in cmdline("--device", "eth1")
    script = suggest(sender, "10.1.0.1", "--kernel", "6.12", "--as", "shell", "--name", "other").stdout
    assert "/other" in script and "/netcon\n" not in script
    assert suggest(sender, "10.1.0.1", "--as", "cmdline").stdout == plain  # the running kernel has the same grammar


def test_link_local_and_behind_a_router(two_networks):
    sender, receiver = two_networks
    receiver.ip("addr add fe80::77/64 dev eth0 nodad")
    sender.ip("route add 10.7.0.0/16 via 10.1.0.1")
    sender.ip("addr add fe80::78/64 dev eth0 nodad")
    done = suggest(sender, "fe80::77%eth0", "--kernel", "6.12")
    assert done.returncode == 0, done.stderr
    assert f"through eth0 to fe80::77 at {mac_of(receiver)}\n" in done.stdout
    done = suggest(sender, "10.7.0.1", "--kernel", "6.12")
    assert f"to 10.7.0.1, next hop 10.1.0.1 at {mac_of(receiver)}\n" in done.stdout
    # With a further device of that kind the zone decides.
    sender.connect("eth1", receiver, "eth1")
    sender.ip("addr add fe80::79/64 dev eth1 nodad")
    assert "several devices" in suggest(sender, "fe80::77", "--kernel", "6.12").stderr
    assert suggest(sender, "fe80::77%eth0", "--kernel", "6.12").returncode == 0


def test_what_a_kernel_cannot_do_is_said_in_place(two_networks):
    sender, _ = two_networks
    done = suggest(sender, "10.1.0.1", "--kernel", "6.12", "--userdata", "a=b")
    assert done.returncode == 0
    assert "# not possible: " in done.stdout and "a/value" in done.stdout


def test_apply_changes_the_target_that_is_there(two_networks, tmp_path):
    sender, receiver = two_networks
    target = tmp_path / "netcon"
    (target / "userdata").mkdir(parents=True)
    for name, value in {
        "enabled": "0",
        "extended": "0",
        "release": "0",
        "dev_name": "eth0",
        "local_port": "6665",
        "remote_port": "6666",
        "local_ip": "0.0.0.0",
        "remote_ip": "10.9.9.9",
        "local_mac": "ff:ff:ff:ff:ff:ff",
        "remote_mac": "ff:ff:ff:ff:ff:ff",
    }.items():
        (target / name).write_text(value + "\n")
    done = suggest(sender, "10.1.0.1", "--kernel", "6.12", "--extended", "--apply", "--root", tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert "target netcon changed" in done.stderr

    def first_line(name):
        return (target / name).read_text().splitlines()[0]

    assert first_line("remote_ip") == "10.1.0.1"
    assert first_line("remote_mac") == mac_of(receiver)
    assert first_line("local_ip").startswith("10.1.0.2")
    assert first_line("extended") == "1" and first_line("enabled") == "1"


def test_reasons_why_not_are_one_line(two_networks):
    sender, _ = two_networks
    for arguments, says in (
        (("10.1.0.9", "--wait", "200ms"), "the next hop does not answer"),
        (("127.0.0.1",), "this machine itself"),
        (("10.7.0.1",), "no route to the remote address; look at ip route get"),
        (("10.1.0.1", "--device", "lo"), "this machine itself"),
        (("10.1.0.1", "--device", "nosuch"), "no such device"),
        (("10.1.0.1", "--kernel", "x.y"), "not a kernel version"),
        (("10.1.0.1", "--kernel", "6.1", "--release"), "does not know 'r'"),
        (("10.1.0.1", "--userdata", "novalue"), "write KEY=VALUE"),
        (("10.1.0.1", "--kernel", "6.12", "--userdata", "a/b=c"), "userdata key"),
        (("10.1.0.1", "--kernel", "6.12", "--userdata", "a=b", "--as", "cmdline"), "no form for userdata"),
        (("10.1.0.1", "--mac", "xx"), "--mac 'xx'"),
        (("10.1.0.1", "--apply", "--root", "/nonexistent/tree"), "does not exist"),
        (("no.such.host.invalid",), "no such host"),
    ):
        done = suggest(sender, *arguments)
        assert done.returncode == 2, arguments
        assert says in done.stderr, (arguments, done.stderr)
        assert done.stdout == ""
        assert len([line for line in done.stderr.splitlines() if line.startswith("netcon suggest:")]) == 1


def test_a_silent_neighbour_can_be_named(two_networks):
    sender, _ = two_networks
    done = suggest(sender, "10.1.0.9", "--mac", "02:00:00:00:00:09", "--kernel", "6.12", "--as", "cmdline")
    assert done.stdout == "netconsole.netconsole=@10.1.0.2/,@10.1.0.9/02:00:00:00:00:09\n"


def test_remarks_about_the_result(two_networks):
    sender, _ = two_networks
    done = suggest(sender, "10.1.0.1:514", "--kernel", "6.12", "--as", "cmdline")
    assert done.returncode == 0 and ",514@10.1.0.1/" in done.stdout
    assert "[syslog-port]" in done.stderr
    assert suggest(sender, "10.1.0.1", "--kernel", "6.12", "--as", "cmdline").stderr == ""


def test_as_a_new_user_would(two_networks, tmp_path):
    """Two machines: one suggests and sends, the other listens; then the cable is pulled and put back."""
    sender, receiver = two_networks
    out = open(tmp_path / "out", "wb")
    listener = subprocess.Popen(receiver.inside(TOOL, "listen"), stdout=out, stderr=subprocess.PIPE)
    try:
        while b"listening on" not in listener.stderr.readline():
            pass
        assert suggest(sender, "10.1.0.1", "--as", "cmdline").returncode == 0
        assert sender.run("sh", "-c", f"echo before | {TOOL} send 10.1.0.1").returncode == 0
        receiver.ip("link set eth0 down")
        sender.run("sh", "-c", f"echo meanwhile | {TOOL} send 10.1.0.1")  # a kernel may keep it until the cable is back
        receiver.ip("link set eth0 up")
        end = time.monotonic() + 20
        while b"after" not in (tmp_path / "out").read_bytes() and time.monotonic() < end:
            sender.run("sh", "-c", f"echo after | {TOOL} send 10.1.0.1")
            time.sleep(0.1)
        listener.send_signal(signal.SIGTERM)
        _, err = listener.communicate(timeout=30)
    finally:
        listener.kill()
        out.close()
    text = (tmp_path / "out").read_text()
    assert "before" in text and "after" in text
    assert " 10.1.0.2:" in text
    assert listener.returncode == 0, err


def test_the_example_of_the_readme(two_networks, tmp_path):
    readme = (pathlib.Path(__file__).resolve().parents[3] / "README.md").read_text()
    script = re.search(r"```sh\n(ip netns add sender.*?)```", readme, re.S)[1]
    for name in ("sender", "receiver"):
        script = re.sub(rf"\b{name}\b", f"{name}{os.getpid()}", script)
    (tmp_path / "netcon").symlink_to(TOOL)
    try:
        done = subprocess.run(
            ["sh", "-e"],
            input=script,
            capture_output=True,
            text=True,
            timeout=60,
            env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
        )
    finally:
        for name in ("sender", "receiver"):
            subprocess.run(["ip", "netns", "del", f"{name}{os.getpid()}"], stderr=subprocess.DEVNULL, check=False)
    assert done.returncode == 0, done.stderr
    assert " 10.1.0.2:" in done.stdout and "hello" in done.stdout
    assert "through eth0 to 10.1.0.1" in done.stdout


def test_ipv6_off(two_networks):
    _, receiver = two_networks
    receiver.run("sysctl", "-q", "net.ipv6.conf.all.disable_ipv6=1")
    done = receiver.run(TOOL, "listen", "--for", "200ms")
    assert done.returncode == 0, done.stderr
    assert re.search(r"listening on (0\.0\.0\.0|\[::\]):6666", done.stderr)


def test_usage():
    assert run_tool("suggest").returncode == 2
    assert run_tool("suggest", "--help").returncode == 0
    assert run_tool("suggest", "10.0.0.1", "--as", "nonsense").returncode == 2


@pytest.mark.parametrize("destination", ["10.0.0", "10.0.0.1:70000", "[::1", ""])
def test_bad_destinations(destination):
    done = run_tool("suggest", destination)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
