from __future__ import annotations

import http.server
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import netcon
import pytest
from conftest import DATA

EXAMPLES = Path(__file__).resolve().parents[3] / "examples" / "python"

pytestmark = pytest.mark.skipif(not EXAMPLES.exists(), reason="the examples are not here")


def run(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(EXAMPLES / name), *arguments], capture_output=True, text=True, timeout=120
    )


@contextmanager
def listening(name: str, *arguments: str) -> Iterator[tuple["subprocess.Popen[str]", int]]:
    """An example that prints where it listens, and the port."""
    process = subprocess.Popen([sys.executable, str(EXAMPLES / name), *arguments], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process, int(process.stdout.readline().rpartition(":")[2])
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()


def test_print_events() -> None:
    with listening("print_events.py", "0", "3") as (process, port):
        with netcon.Sender("127.0.0.1", port, userdata={"rack": "7"}) as tx:
            tx.send("hello \x1b[31m", level="err", sequence=7, timestamp_us=1)
            tx.send("later", sequence=9, timestamp_us=2)
        assert process.stdout is not None
        out = process.stdout.read()
    assert "err     [    0.000001] hello \\x1b[31m rack=7" in out
    assert "-- 1 lost (sequence_gap)" in out


def test_forward_json() -> None:
    posted: list[dict[str, object]] = []

    class Server(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posted.extend(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/log"
        with listening("forward_json.py", "0", url, "1") as (process, port):
            with netcon.Sender("127.0.0.1", port) as tx:
                tx.send("hello", level="crit")
            process.wait(60)
        server.shutdown()
    assert [(row["text"], row["level"], row["event"]) for row in posted] == [("hello", "crit", "record")]


def test_panic_alarm(tmp_path: Path) -> None:
    report = tmp_path / "report"
    command = ["sh", "-c", f'cat > {report}.part; echo "$0" >> {report}.part; mv {report}.part {report}']
    with listening("panic_alarm.py", "0", *command) as (_, port):
        with netcon.Sender("127.0.0.1", port) as tx:
            for text in (
                "all is well",
                "BUG: kernel NULL pointer dereference",
                " some_function+0x1/0x2",
                "---[ end trace ]---",
            ):
                tx.send(text, level="emerg")
            sender = str(tx.address)
        deadline = time.monotonic() + 60
        while not report.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        text = report.read_text()
    assert "all is well" in text and "some_function" in text.split("--\n")[1]
    assert text.endswith(sender + "\n")


def test_lint_configs(tmp_path: Path) -> None:
    folder = tmp_path / "etc" / "modprobe.d"
    folder.mkdir(parents=True)
    (folder / "good.conf").write_text("options netconsole netconsole=+@10.0.0.1/eth0,@10.0.0.2/52:54:00:12:34:56\n")
    assert run("lint_configs.py", str(tmp_path)).returncode == 0
    (folder / "bad.conf").write_text("# log\noptions netconsole netconsole=@/eth0,66666@10.0.0.2/\n")
    result = run("lint_configs.py", str(tmp_path))
    assert result.returncode == 1
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
