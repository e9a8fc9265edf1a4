# SPDX-License-Identifier: MIT
"""`netcon listen --answer`: which probes are answered, with what, and how they show."""

import json
import re
import socket
import threading
import time

import pytest
from conftest import run_tool

NONCE = "0123456789abcdef"
REMARK = "netcon test asks whether this line reaches its receivers; it is no fault and needs no action"


def probe(level="info", nonce=NONCE):
    return f"netcon-probe 1 {nonce} {level}: {REMARK}"


class Asker:
    """A socket that sends to a listener and takes what comes back from there, and from nowhere else."""

    def __init__(self, listener, port=0):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", port))
        self.socket.connect((listener.host, listener.port))
        self.port = self.socket.getsockname()[1]

    def send(self, text):
        self.socket.send(text.encode())

    def answer(self, timeout=20):
        self.socket.settimeout(timeout)
        try:
            return self.socket.recv(4096).decode()
        except TimeoutError:
            return None


def test_a_probe_is_answered_in_both_forms_with_address_level_and_loss(listen):
    listener = listen("--answer", "--allow", "127.0.0.0/8", "--json")
    asker = Asker(listener)
    asker.send(f"[    1.500000] {probe('err')}\n")
    assert asker.answer() == f"netcon-answer 1 {NONCE} err seen 127.0.0.1:{asker.port} lost 0\n"
    asker.send(f"14,7,1500000,-;{probe()}\n host=web17\n")
    assert asker.answer() == f"netcon-answer 1 {NONCE} info seen 127.0.0.1:{asker.port} lost 0\n"
    asker.send(f"14,10,1600000,-;{probe()}\n")  # 8 and 9 did not come
    answer = asker.answer()
    assert answer == f"netcon-answer 1 {NONCE} info seen 127.0.0.1:{asker.port} lost 2\n"
    assert len(answer) < len(probe())
    text, notes = listener.stop()
    lines = [json.loads(line) for line in text.splitlines()]
    assert "3 probes answered" in notes
    assert [line.get("probe") for line in lines if line["event"] != "lost"] == [True, True, True]


def test_answering_is_off_by_default_and_needs_to_know_whom(listen):
    listener = listen("--allow", "127.0.0.0/8", "--json")
    asker = Asker(listener)
    asker.send(probe() + "\n")
    assert asker.answer(0.3) is None
    listener.stop()
    refused = run_tool("listen", "127.0.0.1:0", "--answer")
    assert refused.returncode == 2
    assert "--allow" in refused.stderr


def test_who_is_not_allowed_gets_no_answer(listen):
    listener = listen("--answer", "--allow", "10.0.0.0/8")
    asker = Asker(listener)
    asker.send(probe() + "\n")
    assert asker.answer(0.5) is None
    _, notes = listener.stop()
    assert "1 packets denied" in notes
    assert "answered" not in notes


def test_nothing_but_a_probe_is_answered(listen):
    listener = listen("--answer", "--allow", "127.0.0.1", "--require", "key=secret")
    asker = Asker(listener)
    for packet in (
        "hello\n",
        f"netcon-opening 1 {NONCE}\n",
        f"netcon-answer 1 {NONCE} info seen 10.0.0.7:6665 lost 3\n",
        probe() + " \n",
        probe("loud") + "\n",
        probe(nonce="0123456789ABCDEF") + "\n",
        f"12,7,1500000,-;{probe()}\n key=secret\n",  # a warning that says info
        f"14,8,1500000,-;{probe()}\n",  # --require
        "",
    ):
        asker.send(packet)
    asker.send(f"14,9,1600000,-;{probe()}\n key=secret\n")
    assert asker.answer() == f"netcon-answer 1 {NONCE} info seen 127.0.0.1:{asker.port} lost 0\n"
    assert asker.answer(0.3) is None
    _, notes = listener.stop()
    assert "1 probes answered" in notes


def test_answers_are_limited_for_each_address_and_said_to_be(listen):
    listener = listen("--answer", "--allow", "127.0.0.1", "--threads", "2")
    askers = [Asker(listener) for _ in range(5)]
    for asker in askers:
        for _ in range(5):
            asker.send(probe() + "\n")
    deadline, answers = time.monotonic() + 20, 0
    while answers < 16 and time.monotonic() < deadline:
        answers += sum(asker.answer(0.05) is not None for asker in askers)
    assert answers == 16
    assert all(asker.answer(0.05) is None for asker in askers)
    _, notes = listener.stop()
    assert "16 probes answered, 9 probes over the limit of answers" in notes


def test_the_limits_of_answers_can_be_chosen(listen):
    for options, answered in (
        (("--answers-each", 3), 3),
        (("--answers-each", 3, "--answers-all", 2), 2),
        (("--answers-each", 30), 25),
    ):
        listener = listen("--answer", "--allow", "127.0.0.1", *options)
        asker = Asker(listener)
        for _ in range(25):
            asker.send(probe() + "\n")
        answers = 0
        while answers < answered and asker.answer() is not None:
            answers += 1
        assert (answers, asker.answer(0.05)) == (answered, None)
        _, notes = listener.stop()
        assert f"{answered} probes answered" in notes


def test_limits_that_are_none_are_refused():
    for option in ("--answers-each", "--answers-all"):
        refused = run_tool("listen", "127.0.0.1:0", "--answer", "--allow", "127.0.0.1", option, "0")
        assert refused.returncode == 2
        assert option in refused.stderr
        alone = run_tool("listen", "127.0.0.1:0", option, "5")
        assert alone.returncode == 2
        assert "--answer" in alone.stderr


def test_probes_are_marked_and_can_be_hidden(listen):
    for options, shown in (((), True), (("--hide-probes",), False)):
        listener = listen(*options)
        asker = Asker(listener)
        asker.send(f"netcon-opening 1 {NONCE}\n")
        asker.send(f"14,7,1500000,-;{probe()}\n")
        asker.send("a line\n")
        text, notes = listener.stop()
        assert (f"netcon-opening 1 {NONCE} (probe)\n" in text) == shown
        assert (f"{probe()} (probe)\n" in text) == shown
        assert "a line\n" in text
        assert ("2 records not shown" in notes) != shown


def test_a_sender_of_regular_probes_that_stops_is_silent_and_returns(listen):
    """With a patience of two seconds probes count as regular from half a second on."""
    listener = listen("--silent-after", "2s", "--json")
    asker, other = Asker(listener), Asker(listener)
    other.send(probe() + "\n")  # once is no promise
    asker.send(probe() + "\n")
    time.sleep(0.8)
    asker.send(probe() + "\n")
    assert wait_for_event(listener, "silent")["sender_port"] == asker.port
    asker.send("a line\n")
    event = wait_for_event(listener, "returned")
    assert event["sender_port"] == asker.port
    assert event["seconds"] >= 2
    text, _ = listener.stop()
    assert '"silent"' not in text


@pytest.mark.parametrize("text", [f"netcon-opening 1 {NONCE}\n", "netcon doctor: does anything listen here?\n"])
def test_what_sockets_send_is_no_sign_of_a_kernel_that_sends(listen, text):
    """A timer's test opens the way and doctor asks, whether or not netconsole works."""
    listener = listen("--silent-after", "2s", "--json")
    asker = Asker(listener)
    asker.send(probe() + "\n")
    time.sleep(0.8)
    asker.send(probe() + "\n")
    stopped = threading.Event()

    def ask():
        while not stopped.wait(0.2):
            asker.send(text)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        assert wait_for_event(listener, "silent")["sender_port"] == asker.port
        asker.send(text)
        asker.send("a line\n")
        before = []
        assert wait_for_event(listener, "returned", before)["sender_port"] == asker.port
    finally:
        stopped.set()
        asking.join()
    assert before and all(event["probe"] for event in before)


def test_silence_in_text(listen):
    listener = listen("--silent-after", "1s")
    asker = Asker(listener)
    asker.send(probe() + "\n")
    time.sleep(0.5)
    asker.send(probe() + "\n")
    lines = iter(lambda: listener.process.stdout.readline().decode(), "")
    said = next(line for line in lines if " -- " in line)
    assert re.search(r"127\.0\.0\.1:\d+ -- silent: it sent probes, and nothing for \d+ s$", said)
    listener.stop()


def wait_for_event(listener, kind, before=None):
    """The first event of that kind; the others before it go to a list."""
    end = time.monotonic() + 60
    for line in iter(lambda: listener.process.stdout.readline(), b""):
        event = json.loads(line)
        if event["event"] == kind:
            return event
        if before is not None:
            before.append(event)
        if time.monotonic() > end:
            break
    raise AssertionError(f"no event {kind}")
