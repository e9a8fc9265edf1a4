# SPDX-License-Identifier: MIT
"""What tests/fleet/reliability.sh runs: netcon listen with good and bad outputs, and the account of each.

Arguments: a directory to work in, with full/ in it, a small file system; seconds; records a second.
"""

import collections
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import threading
import time

TOOL = os.environ["NETCON_TOOL"]
SENDERS = [f"127.0.1.{number}" for number in range(1, 21)]
HANG_UP_EVERY = 0.5
END = b" done"  # of each text: what was cut is not counted


class Reader(threading.Thread):
    """Takes what comes to an output and counts the whole records in it."""

    def __init__(self):
        super().__init__(daemon=True)
        self.records, self.ends = 0, threading.Event()

    def finish(self):
        self.ends.set()
        self.join()
        return self.records


class SilentNameServer(Reader):
    """Takes questions and answers none."""

    def __init__(self):
        super().__init__()
        self.questions = 0
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.53", 53))

    def run(self):
        while self.socket.recv(4096):
            self.questions += 1


class StuckReader(Reader):
    """Has the FIFO open, and reads what is in it only at the end."""

    def __init__(self, path):
        super().__init__()
        os.mkfifo(path)
        self.pipe = os.open(path, os.O_RDONLY | os.O_NONBLOCK)

    def run(self):
        self.ends.wait()
        os.set_blocking(self.pipe, True)
        data = b"".join(iter(lambda: os.read(self.pipe, 65536), b""))
        self.records = data[: data.rfind(b"\n") + 1].count(b'{"event":"record"')


class SlowServer(Reader):
    """A syslog server that takes 16 KiB a second."""

    def __init__(self):
        super().__init__()
        self.server = socket.create_server(("127.0.0.1", 0))
        self.server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.server.settimeout(0.1)
        self.place = f"syslog:tcp:127.0.0.1:{self.server.getsockname()[1]}"

    def run(self):
        while True:
            try:
                connection, _ = self.server.accept()
            except TimeoutError:
                if self.ends.is_set():
                    return
                continue
            connection.settimeout(None)
            rest = b""
            with connection:
                while part := connection.recv(4096):
                    rest += part
                    self.records += rest.count(END)
                    rest = rest[-(len(END) - 1) :]
                    self.ends.wait(0.25)


class RestartingJournal(Reader):
    """A socket that takes entries for four seconds and is away for one, again and again."""

    def __init__(self, path):
        super().__init__()
        self.path, self.restarts = path, 0
        self.bind()

    def bind(self):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(self.path))
        self.socket.settimeout(0.1)

    def take(self, until):
        """What comes until that time."""
        while time.monotonic() < until and not self.ends.is_set():
            try:
                self.records += END + b"\n" in self.socket.recv(1 << 20)
            except TimeoutError:
                continue

    def take_rest(self):
        """What is there, once nothing more can come."""
        self.socket.shutdown(socket.SHUT_RD)
        self.socket.setblocking(False)
        try:
            while True:
                self.records += END + b"\n" in self.socket.recv(1 << 20)
        except BlockingIOError:
            self.socket.close()

    def run(self):
        while not self.ends.is_set():
            self.take(time.monotonic() + 4)
            self.path.unlink()
            self.take_rest()
            self.ends.wait(1)
            if not self.ends.is_set():
                self.bind()
                self.restarts += 1


class Senders:
    """Numbered records of several addresses."""

    def __init__(self, port):
        self.port, self.sent, self.sockets = port, 0, []
        for sender in SENDERS:
            one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            one.bind((sender, 0))
            self.sockets.append(one)

    def send(self):
        """A record of the next one."""
        number, which = divmod(self.sent, len(SENDERS))
        text = b"6,%d,%d,-;number %d %s%s\n" % (number, number * 1000, number, b"x" * 60, END)
        self.sockets[which].sendto(text, ("127.0.0.1", self.port))
        self.sent += 1


class HangUps(threading.Thread):
    """Moves a file away, changes a filter and a name, and sends the signal, until it is told to end."""

    def __init__(self, process, work, write):
        super().__init__(daemon=True)
        self.process, self.work, self.write = process, work, write
        self.count, self.ends = 0, threading.Event()

    def run(self):
        while not self.ends.wait(HANG_UP_EVERY):
            self.count += 1
            self.write(self.count)
            self.process.send_signal(signal.SIGHUP)
            # What is written until the signal arrives goes to the moved file.
            healthy = self.work / "healthy"
            if healthy.exists():
                healthy.rename(self.work / f"healthy.{self.count:06}")


def fill(path):
    """Takes all room of a file system."""
    with open(path, "wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            return


def records_of(paths):
    """The numbers of each sender in files of JSON lines, in their order."""
    out = collections.defaultdict(list)
    for path in paths:
        for line in path.read_bytes().splitlines():
            if line.startswith(b'{"event":"record"'):
                one = json.loads(line)
                out[one["sender"]].append(one["sequence"])
    return out


def accounts(err):
    """Of each output: records written, not written, not shown."""
    out = {}
    for place, counts in re.findall(r"^netcon: (.*): (\d+ records and \d+ remarks written.*)$", err, re.M):
        found = {what: int(n) for n, what in re.findall(r"(\d+) ([a-z ]+?)(?: and |,|$)", counts)}
        out[place] = [found.get(what, 0) for what in ("records", "records not written", "records not shown")]
    return out


def main():
    work, seconds, rate = pathlib.Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
    with socket.create_server(("127.0.0.1", 0)) as free:
        closed = f"syslog:tcp:127.0.0.1:{free.getsockname()[1]}"
    names, stuck = SilentNameServer(), StuckReader(work / "stuck")
    slow, journal = SlowServer(), RestartingJournal(work / "journal")
    for one in (names, stuck, slow, journal):
        one.start()
    unlimited = "rotate-size=0,dir-size=0,keep-free=0"
    outputs = {
        "healthy file, moved away at each SIGHUP": f"json@{work}/healthy,rotate-size=0",
        "healthy directory": f"json@dir:{work}/logs,{unlimited}",
        "healthy file, its filter changed by each SIGHUP": f"json@{work}/filtered,rotate-size=0,match=number",
        "directory on a disk that is full half of the time": f"json@dir:{work}/full,sender={SENDERS[0]},{unlimited}",
        "reader of a FIFO that is stuck": f"json@{work}/stuck,queue=256K",
        "syslog server that is not there": closed,
        "syslog server that takes 16 KiB a second": f"{slow.place},queue=256K",
        "journal that restarts": f"journal:{work}/journal",
    }
    config, hosts = work / "listen.toml", work / "hosts"

    def write(turn):
        wanted = "[02468] x" if turn % 2 else "number"
        places = ", ".join(f"'{one.replace('match=number', 'match=' + wanted)}'" for one in outputs.values())
        for path, text in (
            (hosts, f"{SENDERS[0]} machine-{turn % 3}\n"),
            (config, f"to = [{places}]\nhosts-from = 'file:{hosts},dns'\n"),
        ):
            # Renamed into place: the tool never reads half of it.
            beside = path.with_suffix(".next")
            beside.write_text(text)
            beside.rename(path)

    write(0)
    fill(work / "full/ballast")
    with open(work / "err", "wb") as err:
        process = subprocess.Popen([TOOL, "listen", "127.0.0.1:0", "--config", config], stderr=err)
    while not (found := re.search(r"listening on .*:(\d+)\n", (work / "err").read_text())):
        assert process.poll() is None, (work / "err").read_text()
        time.sleep(0.05)
    senders, hang_ups = Senders(int(found[1])), HangUps(process, work, write)
    hang_ups.start()
    begin, is_full = time.monotonic(), True
    while (passed := time.monotonic() - begin) < seconds:
        if is_full and passed > seconds / 2:
            (work / "full/ballast").unlink()
            is_full = False
        while senders.sent < passed * rate:
            senders.send()
        time.sleep(0.005)
    hang_ups.ends.set()
    hang_ups.join()
    restarts = journal.restarts
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    memory = int(re.search(r"VmHWM:\s+(\d+)", status)[1])
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=120)

    text = (work / "err").read_text()
    received, dropped = map(int, re.search(r"received (\d+) records, .* (\d+) socket drops", text).groups())
    healthy = records_of([*sorted(work.glob("healthy.*")), work / "healthy"])
    found = [
        sum(map(len, healthy.values())),
        sum(map(len, records_of((work / "logs").glob("*.log")).values())),
        sum(map(len, records_of([work / "filtered"]).values())),
        sum(map(len, records_of((work / "full").glob("*.log")).values())),
        stuck.finish(),
        0,
        slow.finish(),
        journal.finish(),
    ]
    print(f"{seconds:.0f} s, {senders.sent} records of {len(SENDERS)} machines sent, {received} received, ", end="")
    print(f"{dropped} socket drops; {hang_ups.count} SIGHUPs, {restarts} restarts of the journal, ", end="")
    print(f"{names.questions} questions for names without an answer; {memory} KiB resident at most\n")
    print("| output | written | not written | not shown | found there |\n| --- | --- | --- | --- | --- |")
    of, wrong = accounts(text), []
    for (what, place), there in zip(outputs.items(), found, strict=True):
        written, lost, hidden = of[place.split(",")[0].removeprefix("json@")]
        print(f"| {what} | {written} | {lost} | {hidden} | {there} |")
        if written + lost + hidden != received or there != written:
            wrong.append(f"{what}: the account is wrong")
        if what.startswith("healthy") != (lost == 0):
            wrong.append(f"{what}: {lost} records not written")
    if received + dropped != senders.sent:
        wrong.append("records are missing that nothing accounts for")
    if any(numbers != sorted(set(numbers)) for numbers in healthy.values()):
        wrong.append("a healthy output has records twice or out of order")
    if names.questions == 0 or process.returncode != 1:
        wrong.append(f"no question for a name came, or the exit code is {process.returncode}, not 1")
    for one in wrong:
        print(f"WRONG: {one}")
    return 1 if wrong else 0


sys.exit(main())
