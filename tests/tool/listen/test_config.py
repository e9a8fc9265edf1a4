# SPDX-License-Identifier: MIT
"""netcon listen --config: a key for each option, what SIGHUP reads again, and what needs a restart."""

import json
import os
import re
import signal
import socket
import subprocess
import threading
import time

import pytest
from conftest import TOOL, drops, run_tool, until


def record(number, text="text", level=6):
    return b"%d,%d,%d,-;%s\n" % (level, number, number * 10, text.encode())


def has_metrics():
    """Whether the tool was built with them."""
    done = run_tool("listen", "--metrics", "127.0.0.1:0", "--check-config")
    return "built without prometheus-cpp" not in done.stderr


def texts(path):
    if not path.exists():
        return []
    return [
        json.loads(line)["text"] for line in path.read_text().rpartition("\n")[0].splitlines() if '"record"' in line
    ]


def test_a_file_has_a_key_for_each_option(tmp_path):
    values = {"TIME": "'5s'", "N": "5", "ADDRESS[/BITS]": "['10.0.0.0/8', '127.0.0.1']", "PORT": "['0', '0']"}
    values |= {"SOURCE[,SOURCE...]": "'key:host'", "WHEN": "'never'", "NAME": "'root'", "KEY=VALUE": "'a=b'"}
    values |= {
        "COMMAND": "'true'",
        "ADDRESS:PORT|FILE": "['127.0.0.1:0']",
        "DIR": f"'{tmp_path}'",
        "[FORMAT@]PLACE[,KEY=VALUE...]": "['-', 'dir:/x,keep=3,match=a\\\\,b']",
    }
    help_text = run_tool("listen", "--help").stdout.split("\nPlaces:")[0]
    lines = ["address = ['127.0.0.1:0']", "# a comment"]
    names = re.findall(r"^  (?:-[a-z], )?--([a-z-]+)(?: (\S+))?", help_text, re.M)
    assert len(names) > 15
    values["interface"] = "'lo'"
    for name, value in names:
        if name not in ("help", "config", "check-config") and (name != "metrics" or has_metrics()):
            lines.append(f"{name} = {values.get(name) or values[value] if value else 'true'}")
    config = tmp_path / "listen.toml"
    config.write_text("\n".join(lines) + "\n")
    done = run_tool("listen", "--config", config, "--check-config")
    assert (done.returncode, done.stdout, done.stderr) == (0, "netcon listen: the options are good\n", "")


@pytest.mark.parametrize(
    "text, says",
    [
        ("# first\nthread = 2\n", "listen.toml:2: 'thread' is not a key; did you mean threads?"),
        ("[listen]\nthreads = 2\n", "listen.toml:1: [listen] is not known: write the keys without a section"),
        ("\njson = 'yes'\n", "listen.toml:2: json: write true or false"),
        ("to = 'jsno@-'\n", "did you mean json?"),
        ("threads = 65\n", "listen.toml: --threads: '65' is not a whole number from 1 to 64"),
        ("answers-each = 5\n", "listen.toml: --answers-each requires --answer"),
        ("hosts-from = 'file:/nonexistent'\n", "/nonexistent: No such file"),
        ("hosts-from = 'file:/'\n", "/: Is a directory"),
        ("to = [broken\n", "listen.toml:1: to: the array has no ']'"),
        ("to = ['-'\nthreads = 2\n", "listen.toml:2: to: write a comma between two values, and ']' behind the last"),
        ("to = ['-'", "listen.toml:1: to: the array has no ']'"),
        ("to = ['-',,]\n", "listen.toml:1: to: a value is missing"),
        ("to = [['-']]\n", "listen.toml:1: to: a value is missing"),
        ('\nto = "-\n', 'listen.toml:2: a string has no " at its end'),
        ("to = '-\n", "listen.toml:1: a string has no ' at its end"),
        ("to = '-' '-'\n", "listen.toml:1: to: something follows the value"),
        ("threads = 4,5\n", "listen.toml:1: threads: something follows the value"),
        ('to = "-,match=\\d"\n', "listen.toml:1: '\\d' is no escape: write \\\\ for a backslash, or single quotes"),
        ('to = """-"""\n', "listen.toml:1: strings of several lines are not known"),
        ("threads\n", "listen.toml:1: write KEY = VALUE: no '=' follows 'threads'"),
        ('user = ""\nto = "-"\n', "listen.toml: --user: is empty"),
        ("threads =\n", "listen.toml:1: threads has no value"),
        ("= 4\n", "listen.toml:1: write KEY = VALUE"),
        ("allow = '10.0.0.0/8'\nallow = '11.0.0.0/8'\n", "listen.toml:2: allow is in line 1 already"),
    ],
)
def test_mistakes_in_the_file_are_one_line(tmp_path, text, says):
    config = tmp_path / "listen.toml"
    config.write_text(text)
    done = run_tool("listen", "--config", config, "--check-config")
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr and done.stderr.count("\n") == 1


@pytest.mark.parametrize("name, why", [("none", "No such file or directory"), ("", "Is a directory")])
def test_a_file_that_cannot_be_read(tmp_path, name, why):
    done = run_tool("listen", "--config", tmp_path / name, "--check-config")
    assert (done.returncode, done.stderr) == (2, f"netcon listen: --config {tmp_path / name}: {why}\n")


def test_strings_are_those_of_toml(tmp_path):
    """Quotes keep what means something outside of them; an array may have lines and comments."""
    config, logs = tmp_path / "listen.toml", tmp_path / "a]#b"
    logs.mkdir()
    config.write_text(
        "\ufeff'address' = [\r\n  '127.0.0.1:0',  # a free ']'\r\n]\r\n"
        f'to = [\'{logs}/l#it"er"al\\,.json\', # a comment\n "{logs}/es\\"ca\\\\ped\\t.json"]\n'
        '"count" = 1# no more\nfor=10ms\nallow = []\n'
    )
    done = run_tool("listen", "--config", config)
    assert (done.returncode, "listening on 127.0.0.1:" in done.stderr) == (3, True)
    assert {path.name for path in logs.iterdir()} == {'l#it"er"al,.json', 'es"ca\\ped\t.json'}


@pytest.mark.parametrize(
    "options, says",
    [
        (["99999"], "'99999': the port number is larger than 65535"),
        (["nowhere"], "'nowhere': "),
        (["6666", "6666"], "cannot listen on [::]:6666: this command listens on [::]:6666 already"),
        (["127.0.0.1:6666", "-p", "6666"], "cannot listen on [::]:6666: this command listens on 127.0.0.1:6666"),
        (["--user", "nosuch"], "--user nosuch: there is no such user"),
        (["--interface", "nosuch0"], "--interface nosuch0: there is no such interface"),
        (["--crash-dir", "/nonexistent"], "--crash-dir /nonexistent: No such file or directory"),
        (["--crash-dir", "/etc/passwd"], "--crash-dir /etc/passwd: Not a directory"),
        (["--metrics", "foo"], "--metrics foo: no port: "),
        (["--metrics", "foo:1"], "--metrics foo:1: 'foo': "),
        (["--metrics", "/nonexistent/netcon.prom"], "--metrics /nonexistent/netcon.prom: No such file or directory"),
        (["--to", "dir:/etc/passwd"], "--to dir:/etc/passwd: Not a directory"),
        (["--to", "dir:/etc/passwd/logs"], "--to dir:/etc/passwd/logs: cannot create the directory: Not a directory"),
        (["--to", "/nonexistent/all.log"], "--to /nonexistent/all.log: No such file or directory"),
        (["--to", "/etc"], "--to /etc: Is a directory"),
    ],
)
def test_the_check_finds_what_the_start_would(options, says):
    if "--metrics" in options and not has_metrics():
        pytest.skip("SKIP: netcon was built without prometheus-cpp")
    check = run_tool("listen", *options, "--check-config")
    start = run_tool("listen", *options, "--for", "10ms")
    assert (check.returncode, check.stdout, check.stderr) == (2, "", start.stderr)
    assert start.returncode == 2 and says in check.stderr and check.stderr.count("\n") == 1


def test_the_check_creates_nothing_and_counts_on_what_the_start_creates(tmp_path):
    logs = tmp_path / "new/logs"
    options = ["--to", f"dir:{logs}", "--to", f"{tmp_path}/new/all.json", "--crash-dir", logs, "127.0.0.1:0"]
    check = run_tool("listen", *options, "--check-config")
    assert (check.returncode, check.stderr) == (0, "") and not (tmp_path / "new").exists()
    assert run_tool("listen", *options, "--for", "10ms").returncode == 0


def test_the_command_line_decides_over_the_file(listen, tmp_path):
    config = tmp_path / "listen.toml"
    config.write_text(f"to = ['json@{tmp_path}/a']\ncount = 5\njson = false\n")
    listener = listen("--config", config, "--count", 1)
    listener.send(record(1), record(2))
    listener.wait()
    assert texts(tmp_path / "a") == ["text"]


def test_hang_up_changes_filters_without_losing_a_packet(listen, tmp_path):
    config = tmp_path / "listen.toml"

    def write(levels, threads):
        # Renamed into place: a signal that is late finds a whole file.
        (tmp_path / "next").write_text(
            f"threads = {threads}\n"
            f"to = ['json@{tmp_path}/all', 'json@{tmp_path}/some,min-level={levels}', 'json@dir:{tmp_path}/logs']\n"
        )
        (tmp_path / "next").rename(config)

    write("err", 1)
    listener = listen("--config", config)
    total, done = 10000, threading.Event()

    def flood():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.connect((listener.host, listener.port))
            for n in range(total):
                s.send(record(n, str(n), 4))
                if n % 25 == 0:
                    time.sleep(0.002)
        done.set()

    sender = threading.Thread(target=flood)
    sender.start()
    levels = ["err", "warning"]
    while not done.is_set():
        levels.reverse()
        write(levels[0], 1)
        listener.process.send_signal(signal.SIGHUP)
        time.sleep(0.05)
    sender.join()
    write("warning", 2)
    listener.process.send_signal(signal.SIGHUP)
    restart = "netcon: --threads changed: that needs a restart\n"
    assert listener.process.stderr.readline().decode() == restart
    (tmp_path / "next").write_text("to = ['jsno@-']\n")
    (tmp_path / "next").rename(config)
    listener.process.send_signal(signal.SIGHUP)
    line = restart  # once for each of the signals before
    while line == restart:
        line = listener.process.stderr.readline().decode()
    assert line.startswith("netcon: nothing is read again: ") and "did you mean json?" in line
    _, err = listener.stop()
    received = int(re.search(r"received (\d+) records", err)[1])
    assert received + drops(err) == total
    everything = texts(tmp_path / "all")
    assert len(everything) == received == len(texts(tmp_path / "logs/127.0.0.1.log"))
    some = len(texts(tmp_path / "some"))
    assert 0 < some < received
    counts = re.search(rf"{tmp_path}/some: (\d+) records .*, (\d+) records not shown", err)
    assert (int(counts[1]), int(counts[2])) == (some, received - some)


def test_hang_up_changes_who_may_send(listen, tmp_path):
    config, out = tmp_path / "listen.toml", tmp_path / "out"
    config.write_text(f"to = ['json@{out}']\nallow = ['127.0.0.0/24']\n")
    listener = listen("--config", config)
    sent = 0

    def is_taken(sender):
        """Whether a record of it arrives; one of another sender, after it, says when to look."""
        nonlocal sent
        sent += 1
        listener.send(record(sent, f"{sender} {sent}"), address=sender)
        listener.send(record(sent, f"mark {sent}"), address="127.0.0.1")
        assert until(lambda: f"mark {sent}" in texts(out))
        return f"{sender} {sent}" in texts(out)

    assert is_taken("127.0.0.2") and not is_taken("127.0.1.2")
    config.write_text(f"to = ['json@{out}']\nallow = ['127.0.0.0/16']\ndeny = ['127.0.0.2']\n")
    listener.process.send_signal(signal.SIGHUP)
    assert until(lambda: is_taken("127.0.1.2")) and not is_taken("127.0.0.2")
    config.write_text(f"to = ['json@{out}']\n")
    listener.process.send_signal(signal.SIGHUP)
    assert until(lambda: is_taken("127.0.0.2"))
    _, err = listener.stop()
    assert "restart" not in err
    assert (
        int(re.search(r"received (\d+) records", err)[1]) + int(re.search(r"(\d+) packets denied", err)[1]) == 2 * sent
    )


def test_a_server_of_names_that_does_not_answer_delays_no_signal(tmp_path):
    """A server of an output with a name is new in the file: nothing is looked up before the restart that it needs."""
    if os.geteuid() != 0:
        pytest.skip("SKIP: needs root, for a resolv.conf of its own")
    config, out, resolv = tmp_path / "listen.toml", tmp_path / "out", tmp_path / "resolv.conf"
    config.write_text(f"to = ['json@{out}']\n")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.77", 53))
        resolv.write_text("nameserver 127.0.0.77\noptions timeout:20\n")
        mount = f'mount --bind {resolv} $(realpath /etc/resolv.conf) && exec "$@"'
        command = ["unshare", "--mount", "sh", "-c", mount, "sh", TOOL, "listen", "127.0.0.1:0", "--config", config]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        first = process.stderr.readline()
        if "listening on" not in first:
            process.communicate(timeout=30)
            pytest.skip(f"SKIP: no mount of its own: {first}")
        places = ("syslog:udp:loghost.example", "syslog:tcp:loghost.example:601")
        config.write_text(f"to = ['json@{out}', '{places[0]}', '{places[1]}']\nmetrics = 'metrics.example:9100'\n")
        begun = time.monotonic()
        process.send_signal(signal.SIGHUP)
        for what in (*(f"--to {place}" for place in places), "--metrics"):
            assert process.stderr.readline() == f"netcon: {what} changed: that needs a restart\n"
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
        assert process.returncode == 0 and time.monotonic() - begun < 5
        silent.setblocking(False)
        with pytest.raises(BlockingIOError):
            silent.recv(1)


def test_a_pattern_that_ends_as_another_key_hides_nothing(listen, tmp_path):
    config = tmp_path / "listen.toml"
    start, queue, pattern = f"json@{tmp_path}/a", "queue=1M", "match=x queue=1M"
    said = f"netcon: --to {tmp_path}/a changed: that needs a restart\n"
    config.write_text(f"to = ['{start},{queue},{pattern}']\n")
    listener = listen("--config", config)
    # A pattern changes at once, and the queue, whose key is gone now, does not.
    for line, count in ((f"{start},{queue},match=y", 0), (f"{start},{pattern}", 1), (f"{start},{queue}", 0)):
        config.write_text(f"to = ['{line}']\n")
        listener.process.send_signal(signal.SIGHUP)
        for _ in range(count):
            assert listener.process.stderr.readline().decode() == said
        time.sleep(0.3)
    _, err = listener.stop()
    assert "needs a restart" not in err


def test_what_changes_only_with_a_restart_is_named(listen, tmp_path):
    config = tmp_path / "listen.toml"
    config.write_text(f"to = ['json@{tmp_path}/a,queue=1M']\n")
    listener = listen("--config", config)
    config.write_text(f"to = ['json@{tmp_path}/a,queue=2M', 'json@{tmp_path}/b']\nstats = '1h'\n")
    listener.process.send_signal(signal.SIGHUP)
    lines = sorted(listener.process.stderr.readline().decode() for _ in range(3))
    assert lines == [
        "netcon: --stats changed: that needs a restart\n",
        f"netcon: --to {tmp_path}/a changed: that needs a restart\n",
        f"netcon: --to {tmp_path}/b changed: that needs a restart\n",
    ]
    listener.send(record(1))
    assert until(lambda: texts(tmp_path / "a") == ["text"])
    listener.stop()
    assert not (tmp_path / "b").exists()


def test_a_file_that_breaks_off_changes_nothing(listen, tmp_path):
    config, out = tmp_path / "listen.toml", tmp_path / "out"
    config.write_text(f"to = ['json@{out}']\nallow = ['127.0.0.2']\n")
    listener = listen("--config", config)
    config.write_text(f"to = ['json@{out}'")
    listener.process.send_signal(signal.SIGHUP)
    line = listener.process.stderr.readline().decode()
    assert line == f"netcon: nothing is read again: --config {config}:1: to: the array has no ']'\n"
    listener.send(record(1, "stranger"), address="127.0.0.1")
    listener.send(record(2, "known"), address="127.0.0.2")
    listener.stop()
    assert texts(out) == ["known"]
