# SPDX-License-Identifier: MIT
"""examples/fleet against a real broker: every record on the topic, keyed by its sender, also when the broker was away."""

import collections
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
FLEET = TOP / "examples/fleet"
TOOL = os.environ.get("NETCON_TOOL", "")
JARS = os.environ.get("KAFKA_JARS", "")

pytestmark = pytest.mark.skipif(not JARS, reason="by hand: sh tests/fleet/run.sh")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def wait_for(what, condition, seconds=120):
    deadline = time.monotonic() + seconds
    while not (result := condition()):
        assert time.monotonic() < deadline, what
        time.sleep(0.1)
    return result


class Broker:
    """One process that is broker and controller."""

    def __init__(self, work):
        self.port, controller = free_port(), free_port()
        self.work = work
        self.settings = work / "server.properties"
        self.settings.write_text(
            f"""process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{self.port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{self.port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={work}/log
num.partitions=8
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
"""
        )
        number = self.run("kafka.tools.StorageTool", "random-uuid").strip().splitlines()[-1]
        self.run("kafka.tools.StorageTool", "format", "-t", number, "-c", self.settings)
        self.process = None
        self.start()

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def command(self, *arguments):
        return ["java", "-Xmx512m", "-cp", f"{JARS}/*", *map(str, arguments)]

    def run(self, *arguments):
        done = subprocess.run(self.command(*arguments), capture_output=True, text=True, timeout=120, check=True)
        return done.stdout

    def start(self):
        with open(self.work / "broker.log", "ab") as log:
            self.process = subprocess.Popen(
                self.command("kafka.Kafka", self.settings), stdout=log, stderr=log, cwd=self.work
            )
        wait_for("the broker is ready", lambda: kcat("-L", "-b", self.address, "-m", "2").returncode == 0)

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(timeout=60)
            self.process = None


def kcat(*arguments, **options):
    return subprocess.run(["kcat", *arguments], capture_output=True, text=True, timeout=120, check=False, **options)


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    one = Broker(tmp_path_factory.mktemp("kafka"))
    yield one
    one.stop()


Message = collections.namedtuple("Message", "partition key value")


def consume(broker, topic):
    """All that is on the topic now."""
    # rsyslog ends a value with a newline.
    done = kcat("-C", "-e", "-q", "-b", broker.address, "-t", topic, "-f", "%p\\t%k\\t%s\\x1e")
    rows = [row.split("\t", 2) for row in done.stdout.split("\x1e")[:-1]]
    return [Message(int(partition), key, json.loads(value)) for partition, key, value in rows]


class Pipeline:
    """Programs that are ended together."""

    def __init__(self, command, port, **environment):
        self.process = subprocess.Popen(
            command,
            stderr=subprocess.PIPE,
            start_new_session=True,
            env={**os.environ, "NETCON": TOOL, **environment},
        )
        self.notes, self.port = [], port
        while "listening on" not in (self.notes or [""])[-1]:
            line = self.process.stderr.readline().decode()
            assert line, self.notes
            self.notes.append(line)

    def end(self):
        """Ends netcon only; the others end with their input. Returns what all said."""
        for line in subprocess.run(
            ["pgrep", "-g", str(self.process.pid)], capture_output=True, text=True
        ).stdout.split():
            try:
                if os.readlink(f"/proc/{line}/exe") == os.path.realpath(TOOL):
                    os.kill(int(line), signal.SIGTERM)
            except FileNotFoundError:
                continue  # pgrep itself
        self.notes += [line.decode() for line in self.process.stderr]
        self.process.wait(timeout=120)
        return "".join(self.notes)

    def stop_all(self):
        """Ends all of them at once, as Ctrl-C and a service manager do. Returns what they said."""
        os.killpg(self.process.pid, signal.SIGTERM)
        self.notes += [line.decode() for line in self.process.stderr]
        self.process.wait(timeout=120)
        return "".join(self.notes)

    def kill(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.process.stderr.close()


@pytest.fixture
def pipeline():
    started = []

    def start(*arguments, **options):
        started.append(Pipeline(*arguments, **options))
        return started[-1]

    yield start
    for one in started:
        one.kill()


def send(port, first, count, machines=10):
    """Numbered records of machines of their own addresses, at a pace that no socket's buffer minds."""
    sockets = []
    for machine in range(machines):
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        one.bind((f"127.0.2.{machine + 1}", 0))
        sockets.append(one)
    for number in range(first, first + count):
        for one in sockets:
            one.sendto(b"6,%d,%d,-;record %d\n" % (number, number * 1000, number), ("127.0.0.1", port))
        time.sleep(0.001)
    for one in sockets:
        one.close()


def texts(messages):
    """The texts of each sender, in the order of the topic."""
    out = collections.defaultdict(list)
    for message in messages:
        if message.value.get("event", "record") == "record":
            out[message.value["sender"]].append(message.value["text"].strip())
    return out


def check(messages, count, machines=10):
    expected = [f"record {number}" for number in range(1, count + 1)]
    assert texts(messages) == {f"127.0.2.{machine + 1}": expected for machine in range(machines)}
    partitions = collections.defaultdict(set)
    for message in messages:
        assert message.key == message.value["sender"]
        partitions[message.key].add(message.partition)
    assert all(len(one) == 1 for one in partitions.values())
    assert len(set.union(*partitions.values())) > 1


def test_every_record_is_on_the_topic_by_kcat(broker, pipeline):
    port = free_port()
    running = pipeline(["sh", FLEET / "to_kafka.sh", broker.address, "plain", f"127.0.0.1:{port}"], port)
    send(port, 1, 500)
    wait_for("5000 messages", lambda: len(consume(broker, "plain")) >= 5000)
    notes = running.end()
    check(consume(broker, "plain"), 500)
    assert "received 5000 records" in notes and "0 lost, 0 socket drops" in notes and "not written" not in notes


def test_nothing_is_lost_while_the_broker_is_away_by_kcat(broker, pipeline):
    port = free_port()
    running = pipeline(["sh", FLEET / "to_kafka.sh", broker.address, "away", f"127.0.0.1:{port}"], port)
    send(port, 1, 100)
    wait_for("1000 messages", lambda: len(consume(broker, "away")) >= 1000)
    broker.stop()
    send(port, 101, 200)
    broker.start()
    send(port, 301, 100)
    wait_for("4000 messages", lambda: len(consume(broker, "away")) >= 4000)
    notes = running.end()
    check(consume(broker, "away"), 400)
    assert "received 4000 records" in notes and "not written" not in notes


def test_a_stop_of_all_programs_loses_nothing(broker, pipeline):
    port = free_port()
    running = pipeline(["sh", FLEET / "to_kafka.sh", broker.address, "stopped", f"127.0.0.1:{port}"], port)
    send(port, 1, 10)
    wait_for("100 messages", lambda: len(consume(broker, "stopped")) >= 100)
    send(port, 11, 990)
    notes = running.stop_all()
    assert "received 10000 records" in notes and "0 socket drops" in notes and "not written" not in notes
    check(consume(broker, "stopped"), 1000)


def test_an_event_that_kafka_does_not_take_costs_no_other(broker, pipeline):
    """Each of these bytes is ten in JSON. kcat ends at a longer line than Kafka takes."""
    port = free_port()
    running = pipeline(["sh", FLEET / "to_kafka.sh", broker.address, "long", f"127.0.0.1:{port}"], port)
    body = b"forged\n key=" + b"\xff" * 131_000 + b"\n"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        for first in (1, 11):
            one.sendto(b"6,%d,%d,-;before\n" % (first, first), ("127.0.0.1", port))
            for at in range(0, len(body), 900):
                head = b"6,%d,%d,-,ncfrag=%d/%d;" % (first + 1, first + 1, at, len(body))
                one.sendto(head + body[at : at + 900], ("127.0.0.1", port))
                time.sleep(0.001)
            one.sendto(b"6,%d,%d,-;behind\n" % (first + 2, first + 2), ("127.0.0.1", port))
    wait_for("the others", lambda: list(texts(consume(broker, "long")).values()) == [["before", "behind"] * 2])
    notes = running.end()
    assert "keyed.pl: 2 events so far are longer than 900000 bytes, and left out" in notes
    assert "received 6 records" in notes and "not written" not in notes


def test_what_the_queues_cannot_hold_is_counted(broker, pipeline, tmp_path):
    """kcat takes ten messages, the pipes some more, netcon's own queue 64 KiB."""
    port = free_port()
    for name in ("to_kafka.sh", "keyed.pl"):
        shutil.copy(FLEET / name, tmp_path)
    settings = (FLEET / "kcat.conf").read_text()
    (tmp_path / "kcat.conf").write_text(re.sub("(max.messages)=.*", r"\1=10", settings))
    running = pipeline(
        ["sh", tmp_path / "to_kafka.sh", broker.address, "small", f"127.0.0.1:{port}", "--to", "-,queue=64K"], port
    )
    send(port, 1, 10)
    wait_for("100 messages", lambda: len(consume(broker, "small")) >= 100)
    broker.stop()
    send(port, 11, 1000)
    broker.start()
    arrived = 0
    while (now := len([m for m in consume(broker, "small") if m.value["event"] == "record"])) != arrived or now == 100:
        arrived = now
        time.sleep(2)
    notes = running.end()
    arrived = len([m for m in consume(broker, "small") if m.value["event"] == "record"])
    dropped = int(re.search(r", (\d+) records not written", notes)[1])
    assert dropped > 0 and arrived + dropped == 10100, (arrived, dropped)


def send_crash(port):
    lines = ["Kernel panic - not syncing: sysrq", "---[ end Kernel panic - not syncing: sysrq ]---"]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        for number, line in enumerate(lines):
            one.sendto(f"0,{number},{number},-;{line}\n".encode(), ("127.0.0.1", port))


def run_consumer(name, broker, topic):
    command = [sys.executable, FLEET / name, broker.address, topic]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout


def test_consumers_find_the_crashes(broker, pipeline):
    pytest.importorskip("confluent_kafka")
    port = free_port()
    running = pipeline(["sh", FLEET / "to_kafka.sh", broker.address, "crashes", f"127.0.0.1:{port}"], port)
    send_crash(port)
    wait_for("a crash", lambda: [m for m in consume(broker, "crashes") if m.value["event"] == "crash"])
    running.end()
    assert run_consumer("count_crashes.py", broker, "crashes") == "1 kernel panic: sysrq\n"
    pytest.importorskip("netcon")
    assert run_consumer("find_crashes.py", broker, "crashes") == "127.0.0.1 kernel panic: sysrq\n"


RSYSLOG = shutil.which("rsyslogd", path="/usr/sbin:/usr/bin:/sbin")
OMKAFKA = any(pathlib.Path("/usr/lib").glob("*/rsyslog/omkafka.so"))


@pytest.fixture
def rsyslog(broker, tmp_path):
    """With the configuration of the examples, but for places and names."""
    port = free_port()
    text = (FLEET / "rsyslog-kafka.conf").read_text()
    text = text.replace("127.0.0.1:9092", broker.address).replace('"5514"', f'"{port}"')
    text = text.replace("/var/spool/rsyslog", str(tmp_path)).replace('topic="netconsole"', 'topic="rsyslog"')
    (tmp_path / "rsyslog.conf").write_text(text)
    process = subprocess.Popen(
        [RSYSLOG, "-n", "-i", str(tmp_path / "pid"), "-f", str(tmp_path / "rsyslog.conf")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )

    def is_ready():
        assert process.poll() is None, process.stderr.read()
        with socket.socket() as one:
            return one.connect_ex(("127.0.0.1", port)) == 0

    wait_for("rsyslog listens", is_ready)
    yield port
    process.terminate()
    process.wait(timeout=60)
    process.stderr.close()


needs_rsyslog = pytest.mark.skipif(not (RSYSLOG and OMKAFKA), reason="needs rsyslog and rsyslog-kafka")


@needs_rsyslog
def test_every_record_is_on_the_topic_by_rsyslog(broker, rsyslog, pipeline):
    port = free_port()
    place = f"tcp:127.0.0.1:{rsyslog}"
    running = pipeline([TOOL, "listen", f"127.0.0.1:{port}", "--to", f"syslog:{place}"], port)
    send(port, 1, 100)
    wait_for("1000 messages", lambda: len(consume(broker, "rsyslog")) >= 1000)
    broker.stop()
    send(port, 101, 100)
    broker.start()
    wait_for("2000 messages", lambda: len(consume(broker, "rsyslog")) >= 2000, 240)
    notes = running.end()
    messages = consume(broker, "rsyslog")
    for message in messages:
        assert message.key == message.value["sender"] and message.value["level"] == "info"
        assert message.value["data"].startswith("[netconsole@32473 seq=")
    # What was under way when the broker stopped may come twice, and later.
    for sender, seen in texts(messages).items():
        assert sorted(set(seen), key=lambda text: int(text.split()[1])) == [
            f"record {number}" for number in range(1, 201)
        ]
    assert "received 2000 records" in notes and "not written" not in notes


@needs_rsyslog
def test_a_long_record_is_whole_by_rsyslog(broker, rsyslog, pipeline):
    """Of a message longer than it takes rsyslog keeps the beginning: the userdata, and not the text behind it."""
    port = free_port()
    running = pipeline([TOOL, "listen", f"127.0.0.1:{port}", "--to", f"syslog:tcp:127.0.0.1:{rsyslog}"], port)
    body = b"a text behind it\n" + b"".join(b" key%03d=%s\n" % (number, b"v" * 200) for number in range(250))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.3.1", 0))
        for at in range(0, len(body), 900):
            one.sendto(b"6,1,1,-,ncfrag=%d/%d;" % (at, len(body)) + body[at : at + 900], ("127.0.0.1", port))
    found = wait_for("the record", lambda: [m for m in consume(broker, "rsyslog") if m.key == "127.0.3.1"])
    running.end()
    assert [message.value["text"] for message in found] == ["a text behind it"]
    assert 'key249="' in found[0].value["data"]


@needs_rsyslog
def test_a_consumer_finds_crashes_in_the_records_of_rsyslog(broker, rsyslog, pipeline):
    pytest.importorskip("confluent_kafka")
    pytest.importorskip("netcon")
    port = free_port()
    running = pipeline([TOOL, "listen", f"127.0.0.1:{port}", "--to", f"syslog:tcp:127.0.0.1:{rsyslog}"], port)
    send_crash(port)
    running.end()
    crash = "127.0.0.1 kernel panic: sysrq\n"
    wait_for("a crash", lambda: crash in run_consumer("find_crashes.py", broker, "rsyslog"))
