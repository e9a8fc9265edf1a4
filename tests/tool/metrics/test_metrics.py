"""listen --metrics: scraped as Prometheus does, read by the format's own parser, and by a real Prometheus."""

import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import time
import urllib.request

import pytest
from conftest import run_tool

PLACE = "127.0.0.1:0"
BUILT_WITHOUT = "built without prometheus-cpp"


@pytest.fixture(scope="module")
def with_metrics():
    if BUILT_WITHOUT in run_tool("listen", PLACE, "--for", "50ms", "--metrics", PLACE).stderr:
        pytest.skip(f"netcon was {BUILT_WITHOUT}")


class Metered:
    """A listener with metrics."""

    def __init__(self, listen, *args, **options):
        self.listener = listen("--metrics", PLACE, *args, **options)
        line = self.listener.process.stderr.readline().decode()
        self.url = re.fullmatch(r"netcon: metrics at (http://127\.0\.0\.1:\d+/metrics)\n", line)[1]

    def text(self):
        with urllib.request.urlopen(self.url, timeout=30) as answer:
            assert answer.headers["Content-Type"].startswith("text/plain")
            return answer.read().decode()

    def samples(self):
        return samples_of(self.text())

    def wait_for(self, name, value, **labels):
        deadline = time.monotonic() + 60
        while (seen := self.samples().get((name, frozenset(labels.items())))) != value:
            assert time.monotonic() < deadline, (name, seen)
            time.sleep(0.05)


def samples_of(text):
    """By name and labels, as prometheus_client's own parser reads them."""
    parser = pytest.importorskip("prometheus_client.parser")
    samples = [
        ((sample.name, frozenset(sample.labels.items())), sample.value)
        for family in parser.text_string_to_metric_families(text)
        for sample in family.samples
    ]
    # Prometheus refuses the second of two samples with the same name and labels; the parser does not look.
    assert len(dict(samples)) == len(samples)
    return dict(samples)


@pytest.fixture
def metered(with_metrics, listen):
    return lambda *args, **options: Metered(listen, *args, **options)


def record(number, text, level=6):
    return f"{level},{number},{number * 1000},-;{text}\n".encode()


def value(samples, name, **labels):
    return samples[(name, frozenset(labels.items()))]


def test_what_came_and_what_did_not(metered):
    server = metered("--json", "--deny", "127.0.0.9")
    packets = [record(1, "a"), record(2, "b"), record(6, "c"), b"4096,1,1,-;junk\n", record(6, "c")]
    server.listener.send(*packets)
    server.listener.send(record(1, "denied"), address="127.0.0.9")
    server.wait_for("netcon_packets_total", 6)
    seen = server.samples()
    assert value(seen, "netcon_records_total") == 3
    assert value(seen, "netcon_lost_total", cause="inferred") == 3
    assert value(seen, "netcon_lost_total", cause="counted") == 0
    assert value(seen, "netcon_junk_total") == 1
    assert value(seen, "netcon_duplicates_total") == 1
    assert value(seen, "netcon_packets_discarded_total", reason="denied") == 1
    assert value(seen, "netcon_bytes_total") == sum(map(len, packets)) + len(record(1, "denied"))
    assert value(seen, "netcon_socket_drops_total") == 0
    server.wait_for("netcon_output_written_total", 3, output="standard output", event="record")
    assert (
        value(
            server.samples(), "netcon_output_dropped_total", output="standard output", event="record", reason="no_room"
        )
        == 0
    )
    assert value(server.samples(), "netcon_output_working", output="standard output") == 1
    assert value(seen, "netcon_sender_records_total", sender="127.0.0.1") == 3
    assert value(seen, "netcon_sender_lost_total", sender="127.0.0.1") == 3
    assert abs(value(seen, "netcon_sender_last_seen_timestamp_seconds", sender="127.0.0.1") - time.time()) < 120
    assert value(seen, "netcon_info", version=run_tool("--version").stdout.split()[1]) == 1


def test_what_comes_late_is_no_step_back(metered):
    server = metered("--json")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        seen = []
        for count, (number, time_us) in enumerate([(1, 1000), (1002, 2000), (1004, 3000), (1003, 2500)], 1):
            sender.sendto(b"6,%d,%d,-;x\n" % (number, time_us), ("127.0.0.1", server.listener.port))
            server.wait_for("netcon_packets_total", count)
            samples = server.samples()
            seen.append([value(samples, f"netcon_{what}_total", cause="inferred") for what in ("lost", "recovered")])
    assert seen == [[0, 0], [1000, 0], [1001, 0], [1001, 1]]
    _, err = server.listener.stop()
    assert "1000 lost," in err  # what did not come


def test_a_forged_number_is_no_loss_of_a_sender(metered):
    server = metered("--json")
    server.listener.send(record(1, "a"), b"6,%d,2000,-;x\n" % (1 << 63))
    server.wait_for("netcon_impossible_jumps_total", 1)
    assert value(server.samples(), "netcon_sender_lost_total", sender="127.0.0.1") == 0


def test_crashes_and_reboots(metered):
    server = metered()
    lines = [
        "Kernel panic - not syncing: sysrq",
        "CPU: 0 PID: 1 Comm: sh",
        "---[ end Kernel panic - not syncing: sysrq ]---",
    ]
    # An alert on an increase sees none where the first sample of a row is a 1.
    before = {dict(labels)["kind"]: count for (name, labels), count in server.samples().items() if "crashes" in name}
    assert before["panic"] == before["invalid-read"] == 0 and set(before.values()) == {0} and len(before) > 40
    # The second boot begins again with low numbers.
    server.listener.send(
        *[record(5000 + number, line, 0) for number, line in enumerate(lines)], record(1, "Linux version")
    )
    server.wait_for("netcon_crashes_total", 1, kind="panic")
    server.wait_for("netcon_reboots_total", 1)
    assert value(server.samples(), "netcon_sender_crashes_total", sender="127.0.0.1") == 1
    assert value(server.samples(), "netcon_sender_reboots_total", sender="127.0.0.1") == 1


def test_what_raw_outputs_do_not_show_is_counted(metered):
    server = metered("--to", "raw@-")
    server.listener.send(record(1, "a"), record(2, "b"), record(5, "c"), record(5, "c"))
    server.wait_for("netcon_lost_total", 2, cause="inferred")
    server.wait_for("netcon_duplicates_total", 1)
    assert value(server.samples(), "netcon_sender_records_total", sender="127.0.0.1") == 3


def test_a_full_output_is_counted(metered):
    with open("/dev/full", "wb") as full:
        server = metered("--json", stdout=full)
        server.listener.send(record(1, "a"), record(2, "b"))
        server.wait_for("netcon_output_dropped_total", 2, output="standard output", event="record", reason="refused")
        assert value(server.samples(), "netcon_output_working", output="standard output") == 0


def test_every_output_has_its_label(metered, monkeypatch, tmp_path):
    """A file with the name that standard output has here, and one whose name is no text."""
    monkeypatch.chdir(tmp_path)
    server = metered("--json", "--to", "-", *("--to", "standard output,match=a"), *("--to", 'q"\\\udcff,match=b'))
    server.listener.send(record(1, "a"), record(2, "b"), record(3, "c"), record(4, "a"))
    for name, count in (("standard output", 4), ("standard output (2)", 2), ('q"\\\\xff', 1)):
        server.wait_for("netcon_output_written_total", count, output=name, event="record")
        hidden = {"event": "record", "reason": "filter"}
        assert value(server.samples(), "netcon_output_hidden_total", output=name, **hidden) == 4 - count
    assert len([1 for name, _ in server.samples() if name == "netcon_output_queue_bytes"]) == 3


def test_only_the_most_active_senders_are_named(metered):
    server = metered("--json")
    for number in range(1, 121):
        server.listener.send(*[record(i, "x") for i in range(1, 4 if number > 20 else 2)], address=f"127.0.1.{number}")
    server.wait_for("netcon_records_total", 320)
    named = {labels for name, labels in server.samples() if name == "netcon_sender_records_total"}
    assert named == {frozenset({("sender", f"127.0.1.{number}")}) for number in range(21, 121)}


def test_a_file_for_node_exporter(with_metrics, listen, tmp_path):
    path = tmp_path / "netcon.prom"
    listener = listen("--json", "--metrics", path)
    deadline = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert samples_of(path.read_text())[("netcon_records_total", frozenset())] == 0
    listener.send(record(1, "a"))
    assert listener.process.stdout.readline()
    listener.stop()
    assert samples_of(path.read_text())[("netcon_records_total", frozenset())] == 1
    assert [one.name for one in tmp_path.iterdir()] == ["netcon.prom"]


@pytest.mark.parametrize(
    "place, says",
    [
        ("nowhere:1", "--metrics nowhere:1: "),
        ("127.0.0.1", "--metrics 127.0.0.1: no port: write ADDRESS:PORT, "),
        ("localhost", "--metrics localhost: no port: write ADDRESS:PORT, "),
        ("::1", "--metrics ::1: no port: write ADDRESS:PORT, "),
        ("netcon.prom", "a file of that name is ./netcon.prom"),
        ("192.0.2.1:1234", "--metrics 192.0.2.1:1234: cannot listen there: Cannot assign requested address"),
        ("/nowhere/netcon.prom", "--metrics /nowhere/netcon.prom: No such file or directory"),
    ],
)
def test_places_that_cannot_be_had(with_metrics, place, says):
    done = run_tool("listen", PLACE, "--metrics", place, "--for", "10s")
    assert done.returncode == 2 and says in done.stderr
    assert done.stderr.splitlines()[-1].startswith("netcon listen: --metrics ")


def test_a_port_that_is_taken(with_metrics):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        place = f"127.0.0.1:{taken.getsockname()[1]}"
        done = run_tool("listen", PLACE, "--metrics", place, "--for", "10s")
    assert done.returncode == 2 and f"--metrics {place}: cannot listen there: Address already in use; " in done.stderr


def test_the_alert_of_the_page_sees_every_loss_of_this_machine(metered):
    page = (pathlib.Path(__file__).resolve().parents[3] / "docs" / "metrics.md").read_text()
    alert = re.search(r"- alert: RecordsLost\n(.*?)- alert", page, re.S)[1]
    drops = {name for name, _ in metered().samples() if re.search("drops|dropped", name)}
    assert drops == set(re.findall(r"rate\((\w+)\[", alert))


@pytest.mark.skipif(shutil.which("promtool") is None, reason="needs promtool")
def test_promtool_has_no_complaint(metered):
    server = metered("--json")
    server.listener.send(record(1, "a"), record(4, "b"))
    server.wait_for("netcon_records_total", 2)
    ours = [line for line in server.text().splitlines(True) if "netcon_" in line]
    done = subprocess.run(
        ["promtool", "check", "metrics"], input="".join(ours), text=True, capture_output=True, timeout=60
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.skipif(shutil.which("prometheus") is None, reason="needs prometheus")
def test_a_real_prometheus_scrapes_it(metered, tmp_path):
    server = metered("--json")
    server.listener.send(record(1, "a"), record(5, "b"))
    server.wait_for("netcon_records_total", 2)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    target = server.url.split("/")[2]
    (tmp_path / "prometheus.yml").write_text(
        f"scrape_configs:\n- job_name: netcon\n  scrape_interval: 1s\n  static_configs:\n  - targets: ['{target}']\n"
    )
    process = subprocess.Popen(
        [
            "prometheus",
            f"--config.file={tmp_path}/prometheus.yml",
            f"--storage.tsdb.path={tmp_path}/data",
            f"--web.listen-address=127.0.0.1:{port}",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "GOMAXPROCS": "1"},
    )
    try:
        deadline = time.monotonic() + 100
        query = f'http://127.0.0.1:{port}/api/v1/query?query=netcon_lost_total{{cause="inferred"}}'.replace('"', "%22")
        result = []
        while not result:
            assert time.monotonic() < deadline and process.poll() is None
            time.sleep(0.2)
            try:
                with urllib.request.urlopen(query, timeout=10) as answer:
                    result = json.load(answer)["data"]["result"]
            except OSError:
                continue
        assert result[0]["value"][1] == "3" and result[0]["metric"]["job"] == "netcon"
    finally:
        process.kill()
        process.wait()
