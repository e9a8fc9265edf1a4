# SPDX-License-Identifier: MIT
"""The programs in examples/python run, are short, and are in the guide."""

from __future__ import annotations

import http.server
import json
import os
import runpy
import socket
import subprocess
import sys
import threading
import time
import types
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import netcon
import pytest
from conftest import DATA

TOP = Path(__file__).resolve().parents[3]
EXAMPLES = TOP / "examples" / "python"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(netcon.__file__).parents[1])}

pytestmark = pytest.mark.skipif(not EXAMPLES.exists(), reason="the examples are not here")


def run(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(EXAMPLES / name), *arguments],
        capture_output=True, text=True, timeout=120, env=ENVIRONMENT,
    )  # fmt: skip


@contextmanager
def listening(name: str, *arguments: str) -> Iterator[tuple["subprocess.Popen[str]", int]]:
    """An example that prints where it listens, and the port."""
    process = subprocess.Popen(
        [sys.executable, str(EXAMPLES / name), *arguments], stdout=subprocess.PIPE, text=True, env=ENVIRONMENT
    )
    assert process.stdout is not None
    try:
        yield process, int(process.stdout.readline().rpartition(":")[2])
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()


def test_examples_are_short_and_in_the_guide() -> None:
    guide = (TOP / "docs" / "python.md").read_text(encoding="utf-8")
    names = sorted(path.name for path in EXAMPLES.glob("*.py"))
    assert len(names) == 10
    for name in names:
        assert len((EXAMPLES / name).read_text(encoding="utf-8").splitlines()) < 25, name
        assert f"(../examples/python/{name})" in guide, name


def test_print_records() -> None:
    with listening("print_records.py", "0") as (process, port):
        with netcon.Sender("127.0.0.1", port, userdata={"rack": "7"}) as tx:
            tx.send("hello \x1b[31m", level="err", sequence=7, timestamp_us=1)
            tx.send("detail", level="debug", sequence=8, timestamp_us=1)
            tx.send("later", sequence=10, timestamp_us=2)
        assert process.stdout is not None
        first, second = process.stdout.readline(), process.stdout.readline()
    assert first.endswith(" err [    0.000001] hello \\x1b[31m {'rack': '7'}\n")
    assert second.endswith(" info [    0.000002] later {'rack': '7'}\n")


def test_forward_json() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        with listening("forward_json.py", "0", "127.0.0.1", str(server.getsockname()[1])) as (_, port):
            connection, _address = server.accept()
            with connection, connection.makefile(encoding="utf-8") as lines, netcon.Sender("127.0.0.1", port) as tx:
                tx.send("hello", level="crit")
                event = json.loads(lines.readline())
    assert (event["text"], event["level"], event["event"]) == ("hello", 2, "record")


def test_forward_batches() -> None:
    posted: list[list[dict[str, object]]] = []

    class Server(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            posted.append([json.loads(line) for line in body.splitlines()])
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with listening("forward_batches.py", "0", f"http://127.0.0.1:{server.server_port}/log") as (_, port):
            with netcon.Sender("127.0.0.1", port) as tx:
                for n in range(5000):
                    tx.send(str(n))
            deadline = time.monotonic() + 60
            while sum(map(len, posted)) < 5000 and time.monotonic() < deadline:
                time.sleep(0.05)
        server.shutdown()
    assert [row["text"] for rows in posted for row in rows] == [str(n) for n in range(5000)]
    assert max(map(len, posted)) <= 1000 and len(posted) < 40


def test_panic_alarm(tmp_path: Path) -> None:
    report = tmp_path / "report"
    command = ["sh", "-c", f'cat > {report}.part; echo " from $0: $1" >> {report}.part; mv {report}.part {report}']
    with listening("panic_alarm.py", "0", *command) as (_, port):
        with netcon.Sender("127.0.0.1", port) as tx:
            for text in ("all is well", "BUG: kernel NULL pointer dereference"):
                tx.send(text, level="emerg")
        deadline = time.monotonic() + 60
        while not report.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        text = report.read_text()
    assert "all is well" in text.splitlines()[0] and "NULL pointer" in text
    assert text.endswith(" from 127.0.0.1: BUG: unable to handle kernel NULL pointer dereference in corrupted\n")


def test_boot_config(tmp_path: Path) -> None:
    folder = tmp_path / "etc" / "modprobe.d"
    folder.mkdir(parents=True)

    def check() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(EXAMPLES / "test_boot_config.py")],
            capture_output=True, text=True, timeout=120, env={**ENVIRONMENT, "CONFIGS": str(tmp_path)},
        )  # fmt: skip

    (folder / "good.conf").write_text("options netconsole netconsole=+@10.0.0.1/eth0,@10.0.0.2/52:54:00:12:34:56\n")
    (folder / "folder.conf").mkdir()  # such as /etc/.java
    result = check()
    assert result.returncode == 0 and "1 passed" in result.stdout, result.stdout + result.stderr
    (folder / "bad.conf").write_text("# log\noptions netconsole netconsole=@/eth0,66666@10.0.0.2/\n")
    result = check()
    assert result.returncode == 1 and "1 failed, 1 passed" in result.stdout
    assert f"{folder}/bad.conf:2:38: error: " in result.stdout


def test_capture_plot(tmp_path: Path) -> None:
    pytest.importorskip("pandas")
    pytest.importorskip("matplotlib")
    capture = DATA / "captures" / "ext_612.pcap"
    picture = tmp_path / "levels.png"
    result = run("capture_plot.py", str(capture), str(picture))
    assert result.returncode == 0, result.stderr
    assert "records of 1 sender" in result.stdout
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert os.path.getsize(picture) > 2000
    result = run("capture_plot.py", str(capture), str(picture), "1")
    assert result.returncode == 1 and result.stderr.endswith(f"{capture} has no records\n"), result.stderr


def test_fleet(tmp_path: Path) -> None:
    inventory = tmp_path / "fleet.csv"
    inventory.write_text("name,device,ip,kernel\nweb1,eth0,10.0.0.1,6.12\ndb1,ens3,10.0.0.2,6.1\n")
    result = run("fleet.py", str(inventory), "10.0.9.9")
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert [line for line in lines if line.startswith("#")] == ["# web1", "# db1"]
    parameters = netcon.find_parameters("\n".join(lines), "modprobe")
    assert [netcon.parse_target(one, "6.1").resolve().dev_name for one in parameters] == ["eth0", "ens3"]


def test_log_handler() -> None:
    with netcon.Receiver(0, "127.0.0.1") as rx:
        result = run("log_handler.py", "127.0.0.1", str(rx.address.port))
        assert result.returncode == 0, result.stderr
        rx.stop()
        records = [event.record for event in rx.records()]
        assert rx.stats.lost == 0
    assert [r.text for r in records][:3] == [
        "demo: started", "demo: no result", "Traceback (most recent call last):"
    ]  # fmt: skip
    assert records[-1].text.startswith("ZeroDivisionError") and records[-1].userdata == {"app": "demo"}


def test_rehearse_configfs() -> None:
    good = run("rehearse_configfs.py", "+@/eth0,@10.0.0.2/", "6.12")
    assert good.returncode == 0 and "mkdir" in good.stdout, good.stderr
    bad = run("rehearse_configfs.py", "+@/eth9,@10.0.0.2/", "6.12")
    assert bad.returncode == 1 and bad.stderr.startswith("Linux 6.12 would refuse: "), bad.stderr
    old = run("rehearse_configfs.py", "@/eth0,@10.0.0.2/", "6.1")
    assert old.returncode == 0 and "mkdir" in old.stdout and "userdata" in good.stdout, old.stderr
    for parameter, kernel in ("+r@/eth0,@10.0.0.2/", "5.4"), ("@/eth0,66666@10.0.0.2/", "6.12"):
        bad = run("rehearse_configfs.py", parameter, kernel)
        assert bad.returncode == 1 and bad.stderr.startswith(f"Linux {kernel} would refuse: "), bad.stderr


def test_many_threads() -> None:
    with listening("many_threads.py", "0", "2") as (process, port):
        with netcon.Sender("127.0.0.1", port) as tx:
            for n in range(1000):
                tx.send(str(n), level="err" if n % 4 == 0 else "info")
        assert process.stdout is not None
        out = process.stdout.read()
    assert "'info': 750" in out and "'err': 250" in out and "lost 0" in out.replace("dropped 0", ""), out


def test_find_crashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of what netcon listen --json prints: a crash comes with all of its text after the records."""
    monkeypatch.setitem(sys.modules, "topic", types.SimpleNamespace(values=None))
    log_lines = runpy.run_path(str(TOP / "examples" / "fleet" / "find_crashes.py"))["log_lines"]
    log = (DATA / "crashes" / "warning.txt").read_text().partition("\n\n")[2].splitlines()
    collector = netcon.Collector()
    events = [
        event
        for number, line in enumerate(log)
        for event in collector.push(
            ("10.0.0.7", 6665), f"4,{number},{number},-;{line.partition('] ')[2]}\n".encode(), 1700000000 + number / 100
        )
    ]
    messages = [event.to_json() for event in events]
    (crash,) = netcon.crashes(events)
    of_crash = {"event": "crash", "time": "2023-11-14T22:13:26Z", "sender": "10.0.0.7", "text": "\n".join(crash.text)}
    messages += [json.dumps(of_crash), json.dumps({**of_crash, "event": "lost", "text": ""})]
    of_rsyslog = [
        json.dumps({name: value for name, value in json.loads(message).items() if name in ("time", "sender", "text")})
        for message in messages[: len(events)]
    ]
    for stream in (messages, of_rsyslog):
        found = [(one.host, one.title) for one in netcon.crashes(log_lines(stream))]
        assert found == [("10.0.0.7", "WARNING in newt_resize")]
