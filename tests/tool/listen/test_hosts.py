# SPDX-License-Identifier: MIT
"""netcon listen --hosts-from: the names of machines, in every output, and whose they are."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time

import pytest
from conftest import DATA, SANITIZED, run_tool, until


def record(number, text="text", userdata=b""):
    return b"6,%d,%d,-;%s\n%s" % (number, number * 10, text.encode(), userdata)


def hosts(out):
    """Text and host of each record."""
    events = [json.loads(line) for line in out.splitlines() if '"record"' in line]
    return [(event["text"], event.get("host")) for event in events]


@pytest.mark.parametrize("order, expected", [("key:host,file:{}", "claimed"), ("file:{},key:host", "inventory")])
def test_the_first_source_that_has_a_name_counts(listen, tmp_path, order, expected):
    (tmp_path / "hosts").write_text("127.0.0.2 inventory alias1 alias2\n127.0.0.2 later\n127.0.0.3\tthird # text\n")
    listener = listen("--json", "--hosts-from", order.format(tmp_path / "hosts"))
    listener.send(record(1, "a", b" host=claimed\n"), record(2, "b"), address="127.0.0.2")
    listener.send(record(1, "c"), address="127.0.0.3")
    listener.send(record(1, "d"), address="127.0.0.4")
    out, _ = listener.stop()
    assert hosts(out) == [("a", expected), ("b", expected), ("c", "third"), ("d", None)]


def test_an_address_of_the_file_may_be_ipv4_mapped(listen, tmp_path):
    (tmp_path / "hosts").write_text("::ffff:127.0.0.2 web17\n")
    listener = listen("--json", "--hosts-from", f"file:{tmp_path}/hosts", address="[::]:0")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind(("127.0.0.2", 0))
        sender.sendto(record(1, "a"), ("127.0.0.1", listener.port))
    out, _ = listener.stop()
    assert hosts(out) == [("a", "web17")]


@pytest.mark.parametrize(
    "address, says",
    [
        ("fe80::2", "a link-local address needs its zone, as in fe80::2%eth0"),
        ("fe80::2%nosuch0", "no interface 'nosuch0'"),
        ("fe80::2%", "no interface ''"),
        ("10.0.0.2%1", "only a link-local address has a zone"),
        ("fd00::2%1", "only a link-local address has a zone"),
    ],
)
def test_an_address_that_no_sender_has_is_told_and_left_out(listen, tmp_path, address, says):
    """At boot interfaces are still to come: a receiver does not stay away for a name."""
    (tmp_path / "hosts").write_text(f"{address} web16\n127.0.0.2 web17\n")
    told = f"netcon: --hosts-from file:{tmp_path}/hosts:1: {says}"
    options = ("--hosts-from", f"file:{tmp_path}/hosts")
    done = run_tool("listen", "127.0.0.1:0", *options, "--check-config")
    assert done.returncode == 0 and done.stderr.startswith(told) and "the line is left out\n" in done.stderr
    listener = listen("--json", *options)
    listener.send(record(1, "a"), address="127.0.0.2")
    listener.process.send_signal(signal.SIGHUP)
    listener.send(record(2, "b"), address="127.0.0.2")
    out, err = listener.stop()
    assert hosts(out) == [("a", "web17"), ("b", "web17")] and told in err


def test_few_lines_that_are_left_out_are_told(tmp_path):
    (tmp_path / "hosts").write_text("".join(f"fe80::{n:x} web{n}\n" for n in range(1, 1001)))
    done = run_tool("listen", "127.0.0.1:0", "--hosts-from", f"file:{tmp_path}/hosts", "--check-config")
    assert done.stderr.count("the line is left out\n") == 10
    assert "990 lines behind it are of this kind too; the line is left out\n" in done.stderr


def test_a_line_without_an_address_is_refused(tmp_path):
    (tmp_path / "hosts").write_text("10.0.0.1 web16\nweb17%1 web17\n")
    done = run_tool("listen", "127.0.0.1:0", "--hosts-from", f"file:{tmp_path}/hosts", "--check-config")
    assert done.returncode == 2 and f"{tmp_path}/hosts:2: write an IP address, blanks and a name" in done.stderr


def test_every_output_has_the_name(listen, tmp_path):
    (tmp_path / "hosts").write_text("127.0.0.2 web17\n")
    listener = listen(
        *("--to", "full@-", "--to", f"short@{tmp_path}/short", "--to", f"json@{tmp_path}/json"),
        *("--to", f"full@dir:{tmp_path}/logs", "--hosts-from", f"file:{tmp_path}/hosts"),
    )
    listener.send(record(1, "disk"), record(2, "fan"), address="127.0.0.2")
    out, _ = listener.stop()
    assert len(re.findall(r" web17@127\.0\.0\.2:\d+ info ", out)) == 2
    assert re.fullmatch(r"(\d\d:\d\d:\d\d web17 info    (disk|fan)\n){2}", (tmp_path / "short").read_text())
    assert hosts((tmp_path / "json").read_text()) == [("disk", "web17"), ("fan", "web17")]
    assert os.listdir(tmp_path / "logs") == ["web17.log"]
    # netcon crashes and the rule of ownership read the address in such lines.
    assert (tmp_path / "logs/web17.log").read_text() == out


def test_a_name_is_that_of_the_address_which_brought_it_first(listen, tmp_path):
    listener = listen("--json", "--hosts-from", "key:host")
    listener.send(record(1, "first", b" host=web\n"), address="127.0.0.2")
    listener.send(record(1, "second", b" host=web\n"), address="127.0.0.3")
    listener.send(record(1, "third", b" host=127.0.0.2\n"), address="127.0.0.4")
    out, _ = listener.stop()
    assert hosts(out) == [("first", "web"), ("second", "web@127.0.0.3"), ("third", "127.0.0.2@127.0.0.4")]


def test_a_restart_keeps_names_with_their_owners_in_text_files(listen, tmp_path):
    options = ("--to", f"full@dir:{tmp_path}", "--hosts-from", "key:host")
    listener = listen(*options)
    listener.send(record(1, "honest", b" host=web\n"), address="127.0.0.2")
    listener.stop()
    listener = listen(*options)
    listener.send(record(1, "evil", b" host=web\n"), address="127.0.0.3")
    listener.stop()
    assert sorted(os.listdir(tmp_path)) == ["web.log", "web@127.0.0.3.log"]


def test_crashes_are_found_in_lines_with_names(listen, tmp_path):
    log = (DATA / "crashes/warning.txt").read_text().partition("\n\n")[2]
    lines = ["pond: fine"] * 3 + [line.split("] ", 1)[1] for line in log.splitlines()]
    (tmp_path / "hosts").write_text("127.0.0.2 web17\n")
    listener = listen("--to", f"full@{tmp_path}/log", "--hosts-from", f"file:{tmp_path}/hosts")
    listener.send(*(record(n, line) for n, line in enumerate(lines)), address="127.0.0.2")
    listener.stop()
    assert "web17@127.0.0.2:" in (tmp_path / "log").read_text()
    done = run_tool("crashes", tmp_path / "log")
    assert "web17@127.0.0.2:" in done.stdout and "WARNING in newt_resize" in done.stdout


def test_the_file_is_read_again_on_hang_up(listen, tmp_path):
    names = tmp_path / "hosts"
    names.write_text("127.0.0.2 old\n")
    listener = listen(
        "--to", f"json@{tmp_path}/out", "--to", f"json@dir:{tmp_path}/logs", "--hosts-from", f"file:{names}"
    )
    number = 0

    def last_host():
        nonlocal number
        number += 1
        listener.send(record(number, str(number)), address="127.0.0.2")
        assert until(lambda: f'"text":"{number}"' in (tmp_path / "out").read_text())
        return hosts((tmp_path / "out").read_text())[-1][1]

    assert last_host() == "old"
    names.write_text("127.0.0.2 new\n127.0.0.3\n")
    listener.process.send_signal(signal.SIGHUP)
    line = listener.process.stderr.readline().decode()
    assert f"--hosts-from file:{names}:2: no name follows the address" in line
    assert last_host() == "old"
    names.write_text("127.0.0.2 new\n")
    listener.process.send_signal(signal.SIGHUP)
    assert until(lambda: last_host() == "new")
    _, err = listener.stop()
    found = hosts((tmp_path / "out").read_text())
    assert [text for text, _ in found] == [str(n) for n in range(1, number + 1)]
    assert (tmp_path / "logs/new.log").exists() and "not written" not in err


# getnameinfo(3) waits as long as $SLOW is there, and then knows one address.
RESOLVER = r"""
#include <dlfcn.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
int getnameinfo(const struct sockaddr *of, socklen_t size, char *name, socklen_t room, char *service, socklen_t service_room,
                int flags) {
  while (access(getenv("SLOW"), F_OK) == 0) usleep(10000);
  if (((const struct sockaddr_in *)of)->sin_addr.s_addr != htonl(0x7f000002)) return EAI_NONAME;
  strcpy(name, "web17.example");
  return 0;
}
"""


def test_reverse_dns_never_blocks(listen, tmp_path, monkeypatch):
    if SANITIZED:
        pytest.skip("SKIP: a sanitizer's runtime must be loaded first")
    (tmp_path / "shim.c").write_text(RESOLVER)
    compiler = shutil.which("cc") or shutil.which("g++")
    subprocess.run(
        [compiler, "-x", "c", "-D_GNU_SOURCE", "-shared", "-fPIC", "-o", tmp_path / "shim.so", tmp_path / "shim.c"],
        check=True,
    )
    slow = tmp_path / "slow"
    slow.touch()
    monkeypatch.setenv("LD_PRELOAD", str(tmp_path / "shim.so"))
    monkeypatch.setenv("SLOW", str(slow))
    listener = listen("--to", f"json@{tmp_path}/out", "--hosts-from", "dns")
    monkeypatch.delenv("LD_PRELOAD")
    for n in range(50):
        listener.send(record(n, str(n)), address=f"127.0.0.{n % 10 + 2}")
    assert until(lambda: (tmp_path / "out").read_text().count('"record"') == 50)
    assert {host for _, host in hosts((tmp_path / "out").read_text())} == {None}
    slow.unlink()
    number = 100

    def named():
        nonlocal number
        number += 1
        listener.send(record(number, "later"), address="127.0.0.2")
        time.sleep(0.05)
        return ("later", "web17.example") in hosts((tmp_path / "out").read_text().rpartition("\n")[0])

    assert until(named)
    slow.touch()
    listener.send(record(1, "other"), address="127.0.0.99")
    start = time.monotonic()
    listener.stop()
    assert time.monotonic() - start < 25  # a question in flight does not hold up the end


def test_mistakes():
    done = run_tool("listen", "127.0.0.1:0", "--hosts-from", "dns,ldap")
    assert done.returncode == 2 and "'ldap': write key:NAME, file:PATH or dns" in done.stderr
