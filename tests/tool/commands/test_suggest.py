# SPDX-License-Identifier: MIT
"""netcon suggest: in namespaces of its own, from the address alone to configuration that a kernel takes."""

import os
import re
import shutil
import signal
import subprocess
import time

import pytest
from conftest import TOOL, run_tool
from netconsole_files import NEW_TARGET
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
    assert unit.startswith("# /etc/systemd/system/netconsole.service\n[Unit]\n")
    assert f'ExecStart={os.path.realpath(TOOL)} suggest 10.1.0.1 --userdata "host=web 17" --apply\n' in unit
    assert "\n# /etc/systemd/system/netconsole.timer\n[Unit]\n" in unit
    others = ("--with", "release", "--without", "userdata", "--wait", "1m")
    unit = suggest(sender, "10.1.0.1", "--kernel", "4.18", "--release", *others, "--as", "systemd").stdout
    kept = "--release --with release --without userdata --wait 60000ms --apply\n"
    assert f"ExecStart={os.path.realpath(TOOL)} suggest 10.1.0.1 {kept}" in unit


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
    target = make_target(tmp_path, "netcon", enabled="0", local_ip="0.0.0.0", remote_ip="10.9.9.9")
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


def make_target(root, name, **changed):
    """A target as configfs shows it, in a directory of files."""
    values = NEW_TARGET | {"enabled": "1", "local_ip": "10.1.0.2", "remote_ip": "10.1.0.1"} | changed
    (root / name / "userdata").mkdir(parents=True)
    for file, value in values.items():
        (root / name / file).write_text(f"{value}\n")
    return root / name


def apply(network, root, *arguments):
    return suggest(network, "10.1.0.1", "--kernel", "6.12", "--apply", "--root", root, *arguments)


def test_apply_may_be_run_again_and_corrects_what_changed(two_networks, tmp_path):
    sender, receiver = two_networks
    mac = mac_of(receiver)
    target = make_target(tmp_path, "netcon", remote_mac="52:54:00:00:00:01")
    other = make_target(tmp_path, "other", remote_ip="10.9.9.9")
    before = {path: path.read_text() for path in other.iterdir() if path.is_file()}
    done = apply(sender, tmp_path)
    assert (done.returncode, done.stderr) == (
        0,
        f"netcon: target netcon changed: remote_mac 52:54:00:00:00:01 -> {mac}\n",
    )
    assert (target / "remote_mac").read_text() == f"{mac}\n"
    done = apply(sender, tmp_path)
    assert (done.returncode, done.stderr) == (0, "netcon: target netcon already configured\n")
    # The receiver has another network card, and this machine another address.
    receiver.ip("link set eth0 address 02:00:00:00:00:77")
    sender.ip("neigh flush dev eth0")
    sender.ip("addr del 10.1.0.2/24 dev eth0")
    sender.ip("addr add 10.1.0.3/24 dev eth0")
    done = apply(sender, tmp_path)
    assert done.returncode == 0
    assert f"remote_mac {mac} -> 02:00:00:00:00:77" in done.stderr
    assert "local_ip 10.1.0.2 -> 10.1.0.3" in done.stderr
    assert {path: path.read_text() for path in other.iterdir() if path.is_file()} == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["netcon", "other"]


def test_a_device_that_joined_a_bridge_is_replaced_by_it(two_networks, tmp_path):
    sender, _ = two_networks
    target = make_target(tmp_path, "netcon", enabled="0")
    sender.ip("link add br0 type bridge")
    sender.ip("addr flush dev eth0")
    sender.ip("link set eth0 master br0")
    sender.ip("link set br0 up")
    sender.ip("addr add 10.1.0.2/24 dev br0")
    for arguments in ((), ("--device", "eth0")):
        done = apply(sender, tmp_path, "--wait", "20s", *arguments)
        assert done.returncode == 0, done.stderr
        assert (target / "dev_name").read_text() == "br0\n"
        assert (target / "enabled").read_text() == "1\n"
    assert "device eth0 belongs to br0: br0 is used" in done.stderr
    done = suggest(sender, "10.1.0.1", "--device", "eth0")
    assert done.returncode == 2
    assert "device eth0 belongs to br0; name the master instead: --device br0" in done.stderr


def test_a_boot_target_is_adopted_and_a_second_target_is_refused(two_networks, tmp_path):
    sender, receiver = two_networks
    boot = make_target(tmp_path, "cmdline0", local_port="6670")
    done = apply(sender, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "netcon: target cmdline0 changed: remote_mac" in done.stderr
    assert (boot / "remote_mac").read_text() == f"{mac_of(receiver)}\n"
    assert (boot / "local_port").read_text() == "6670\n"
    assert "; it is of the boot parameter, which needs the same change\n" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["cmdline0"]
    done = apply(sender, tmp_path)
    assert (done.returncode, done.stderr) == (
        0,
        "netcon: target cmdline0 already configured; it is of the boot parameter\n",
    )
    boot.rename(tmp_path / "mine")
    done = apply(sender, tmp_path)
    assert done.returncode == 2
    assert "target mine sends to 10.1.0.1:6666 already" in done.stderr
    assert "--name mine changes that one, --force makes a second one" in done.stderr
    make_target(tmp_path, "netcon")
    done = apply(sender, tmp_path)
    assert done.returncode == 0
    assert "target mine sends to 10.1.0.1:6666 too" in done.stderr


def test_a_disabled_target_is_no_second_one(two_networks, tmp_path):
    sender, _ = two_networks
    make_target(tmp_path, "mine", enabled="0")
    make_target(tmp_path, "netcon")
    done = apply(sender, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "target mine is for 10.1.0.1:6666 too, but disabled: it sends nothing\n" in done.stderr
    assert "twice" not in done.stderr
    # Nor does it hold a new one up: in a plain directory that is made, and the first write fails.
    shutil.rmtree(tmp_path / "netcon")
    done = apply(sender, tmp_path)
    assert done.returncode == 2 and "twice" not in done.stderr
    assert "step 2: write " in done.stderr


def test_a_boot_target_that_sends_is_adopted_and_no_other_is_enabled(two_networks, tmp_path):
    sender, _ = two_networks
    # The same receiver through two devices, of which one was missing at boot.
    missing = make_target(tmp_path, "cmdline0", enabled="0", dev_name="eth7")
    running = make_target(tmp_path, "cmdline1")
    done = apply(sender, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "netcon: target cmdline1 changed: remote_mac" in done.stderr and "twice" not in done.stderr
    assert "target cmdline0 is for 10.1.0.1:6666 too, but disabled: it sends nothing\n" in done.stderr
    assert (missing / "enabled").read_text() == "0\n" and (missing / "dev_name").read_text() == "eth7\n"
    running.rename(tmp_path / "mine")
    done = apply(sender, tmp_path)
    assert done.returncode == 2
    assert "target mine sends to 10.1.0.1:6666 already" in done.stderr
    assert (missing / "enabled").read_text() == "0\n"
    # Where none sends it is the one to enable.
    (tmp_path / "mine" / "enabled").write_text("0\n")
    assert apply(sender, tmp_path).returncode == 0
    assert (missing / "enabled").read_text() == "1\n"


def test_several_receivers(two_networks, tmp_path):
    sender, receiver = two_networks
    receiver.ip("addr add 10.1.0.11/24 dev eth0")
    mac = mac_of(receiver)
    both = ("10.1.0.1", "10.1.0.11:514")
    done = suggest(sender, *both, "--kernel", "6.12", "--as", "cmdline")
    assert done.stdout == f"netconsole.netconsole=@10.1.0.2/,@10.1.0.1/{mac};@10.1.0.2/,514@10.1.0.11/{mac}\n"
    script = suggest(sender, *both, "--kernel", "6.12", "--as", "shell").stdout
    assert script.startswith("#!/bin/sh\n") and script.count("#!") == 1
    assert subprocess.run(["sh", "-n"], input=script, text=True).returncode == 0
    for name in ("netcon", "netcon2"):
        make_target(tmp_path, name, remote_ip="0.0.0.0")
    done = suggest(sender, *both, "--kernel", "6.12", "--apply", "--root", tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "netcon2/remote_ip").read_text() == "10.1.0.11\n"
    assert suggest(sender, "10.1.0.1", "10.1.0.1:6666").returncode == 2


def test_a_receiver_that_is_off_does_not_hold_up_another_one(two_networks, tmp_path):
    """The timer's command corrects what it can, and says each reason in a line."""
    sender, receiver = two_networks
    for name in ("netcon", "netcon2"):
        make_target(tmp_path, name, remote_ip="0.0.0.0")
    all_three = ("10.7.0.1", "10.1.0.1", "10.8.0.1")
    done = suggest(sender, *all_three, "--kernel", "6.12", "--apply", "--root", tmp_path)
    assert done.returncode == 2
    reasons = [line for line in done.stderr.splitlines() if line.startswith("netcon suggest: ")]
    assert [re.search(r"10\.\d\.0\.1", line)[0] for line in reasons] == ["10.7.0.1", "10.8.0.1"]
    assert (tmp_path / "netcon/remote_ip").read_text() == "0.0.0.0\n"
    assert (tmp_path / "netcon2/remote_ip").read_text() == "10.1.0.1\n"
    # A text for only some of the receivers is none.
    done = suggest(sender, *all_three, "--kernel", "6.12", "--as", "cmdline")
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 2)


def test_a_built_in_netconsole_gets_the_mac_address_of_the_device(two_networks):
    sender, receiver = two_networks
    options = ("10.1.0.1", "--without", "module", "--as", "cmdline")
    done = suggest(sender, *options, "--kernel", "6.16")
    assert done.stdout == f"netconsole=@10.1.0.2/{mac_of(sender)},@10.1.0.1/{mac_of(receiver)}\n"
    assert "eth0 is named by its MAC address" in done.stderr
    assert mac_of(sender) not in suggest(sender, *options, "--kernel", "6.11").stdout


def put_into_bridge(sender):
    """eth0 becomes the port of br0, which has its address."""
    sender.ip("link add br0 type bridge")
    sender.ip("link set eth0 master br0")
    sender.ip("addr del 10.1.0.2/24 dev eth0")
    sender.ip("addr add 10.1.0.2/24 dev br0")
    sender.ip("link set br0 up")


def test_a_built_in_netconsole_has_no_parameter_for_a_bridge(two_networks):
    """It starts before user space makes the bridge, whose MAC address is that of its port by then."""
    sender, _ = two_networks
    put_into_bridge(sender)
    options = ("10.1.0.1", "--mac", "52:54:00:12:34:56", "--kernel", "6.16")
    done = suggest(sender, *options, "--without", "module", "--as", "cmdline")
    assert (done.returncode, done.stdout) == (2, "")
    assert "cmdline: br0 is made after a built-in netconsole has started" in done.stderr
    assert "# not possible: br0 is made after" in suggest(sender, *options, "--without", "module").stdout
    assert "/br0,@10.1.0.1/" in suggest(sender, *options, "--as", "cmdline").stdout


def test_a_built_in_netconsole_has_a_parameter_for_a_device_of_a_driver(two_networks, tmp_path):
    """Those of Hyper-V and virtio have a faster device below them, and the ports of a switch its own."""
    sender, _ = two_networks
    put_into_bridge(sender)
    for name in ("lower_eth0", "device"):
        (tmp_path / name).mkdir()
    script = f'mount --bind {tmp_path} /sys/class/net/br0 && exec "$@"'
    options = ("10.1.0.1", "--mac", "52:54:00:12:34:56", "--kernel", "6.16", "--without", "module")
    done = sender.run("sh", "-c", script, "sh", TOOL, "suggest", *options, "--as", "cmdline")
    assert done.returncode == 0 and "/br0,@10.1.0.1/" in done.stdout, done.stderr


def test_units_are_written(two_networks, tmp_path):
    sender, _ = two_networks
    done = suggest(
        sender, "10.1.0.1", "--kernel", "6.12", "--extended", "--as", "systemd", "--name", "log", "--unit-dir", tmp_path
    )
    assert (done.returncode, done.stdout) == (0, "")
    assert "systemctl enable --now netconsole-log.service netconsole-log.timer" in done.stderr
    service = (tmp_path / "netconsole-log.service").read_text()
    assert " suggest 10.1.0.1 --extended --name log --apply\n" in service
    assert "OnCalendar=" in (tmp_path / "netconsole-log.timer").read_text()
    if shutil.which("systemd-analyze"):
        units = [tmp_path / f"netconsole-log.{kind}" for kind in ("service", "timer")]
        verified = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True)
        assert (verified.returncode, verified.stderr) == (0, "")


def test_a_name_of_any_bytes_makes_units_that_systemd_takes(two_networks, tmp_path):
    sender, _ = two_networks
    arguments = ("10.1.0.1", "--kernel", "6.12", "--name", "my box@1", "--as", "systemd")
    done = suggest(sender, *arguments, "--unit-dir", tmp_path)
    name = r"netconsole-my\x20box\x401"
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{name}.service", f"{name}.timer"]
    assert f"systemctl enable --now '{name}.service' '{name}.timer'\n" in done.stderr
    assert '--name "my box@1" --apply\n' in (tmp_path / f"{name}.service").read_text()
    assert f"# /etc/systemd/system/{name}.service\n" in suggest(sender, *arguments).stdout
    if shutil.which("systemd-analyze"):
        units = [tmp_path / f"{name}.{kind}" for kind in ("service", "timer")]
        verified = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True)
        assert (verified.returncode, verified.stderr) == (0, "")


def test_a_link_that_is_down_is_not_a_missing_route(two_networks):
    sender, _ = two_networks
    sender.ip("link set eth0 down")
    done = suggest(sender, "10.1.0.1", "--kernel", "6.12")
    assert done.returncode == 2
    assert "10.1.0.1: device eth0, whose network it is in, is down; ip link set eth0 up" in done.stderr


def test_a_device_by_another_of_its_names(two_networks):
    sender, _ = two_networks
    if sender.run("ip", "link", "property", "add", "dev", "eth0", "altname", "uplink").returncode != 0:
        pytest.skip("SKIP: no alternative names here")
    done = suggest(sender, "10.1.0.1", "--device", "uplink", "--kernel", "6.12", "--as", "shell")
    assert " = eth0 ]" in done.stdout and "uplink" not in done.stdout
    assert done.stderr == "netcon: device uplink is eth0: eth0 is used\n"


def test_a_broadcast_address_is_remarked_on(two_networks):
    sender, _ = two_networks
    done = suggest(sender, "10.1.0.255", "--kernel", "6.12", "--as", "cmdline")
    assert done.returncode == 0
    assert "10.1.0.255 is a broadcast address: every machine of the network gets the records" in done.stderr


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
        (("no.such.host.invalid",), "'no.such.host.invalid': "),
        (("fe80::1%eth0", "--device", "lo"), "fe80::1 is reached through eth0, and --device names lo"),
        (("10.1.0.1", "--as", "cmdline", "--unit-dir", "/"), "--unit-dir is for --as systemd, not for --as cmdline"),
        (("10.1.0.1", "--as", "systemd", "--unit-dir", "/proc/1/no"), "netconsole.service: No such file or directory"),
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
    # A router knows the way to another network, and no digit slipped.
    sender.ip("addr add 192.0.2.7/24 dev eth0")
    sender.ip("route add 10.7.0.0/16 via 10.1.0.1 src 192.0.2.7")
    done = suggest(sender, "10.7.0.1", "--kernel", "6.12", "--as", "cmdline")
    assert done.stdout.startswith("netconsole.netconsole=@192.0.2.7/,@10.7.0.1/") and done.stderr == ""


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
