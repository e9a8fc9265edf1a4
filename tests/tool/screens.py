# SPDX-License-Identifier: MIT
"""Pictures of netcon listen on terminals of 80 and 160 columns, light and dark: python3 screens.py TOOL DIRECTORY

Writes one page of HTML for each, and with Chromium installed a PNG beside it. A person looks at them; no test does.
"""

import fcntl
import html
import os
import pathlib
import pty
import re
import shutil
import socket
import struct
import subprocess
import sys
import termios

CRASH = pathlib.Path(__file__).resolve().parents[1] / "data" / "crashes" / "null_dereference.txt"
DARK = {
    "back": "#1e1e1e",
    "front": "#d4d4d4",
    31: "#f14c4c",
    32: "#23d18b",
    33: "#e5e510",
    34: "#3b8eea",
    35: "#d670d6",
}
DARK |= {36: "#29b8db", 92: "#5af78e", 94: "#6fa8ff", 96: "#7fe0f0", 41: "#a1260d"}
LIGHT = {
    "back": "#ffffff",
    "front": "#1e1e1e",
    31: "#cd3131",
    32: "#107c10",
    33: "#8a6d00",
    34: "#0451a5",
    35: "#bc05bc",
}
LIGHT |= {36: "#0598bc", 92: "#14a014", 94: "#0451d5", 96: "#0598bc", 41: "#ffb0a0"}


def packets():
    """What three machines send: some lines, a crash, a loss and a reboot."""
    yield "127.0.0.2", b"6,1,1000,-;systemd[1]: Started netconsole\n host=web17\n"
    yield (
        "127.0.0.3",
        b"4,7,2000,-;nvme nvme0: I/O tag 12 (100c) QID 3 timeout, aborting req_op:READ(0) size:131072\n host=db\n",
    )
    yield (
        "127.0.0.3",
        b"3,8,2100,-;blk_update_request: I/O error, dev nvme0n1, sector 1953524992 op 0x0:(READ)\n host=db\n",
    )
    yield "127.0.0.2", b"6,2,3000,-;first line\\x0asecond line of the same record\n"
    for number, line in enumerate(CRASH.read_text().partition("\n\n")[2].splitlines()):
        text = line.split("] ", 1)[1]
        yield "127.0.0.4", b"%d,%d,%d,-;%s\n" % (1 if number == 0 else 4, 10 + number, 4000 + number, text.encode())
    yield "127.0.0.3", b"6,12,9000,-;after a gap\n host=db\n"
    yield "127.0.0.2", b"6,1,100,-;Linux version 6.12.1\n host=web17\n"


def terminal(tool, columns):
    """What the terminal gets."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    process = subprocess.Popen(
        [tool, "listen", "127.0.0.1:0", "--hosts-from", "key:host", "--for", "3s", "--color=always"],
        stdout=slave,
        stderr=subprocess.PIPE,
    )
    os.close(slave)
    port = int(process.stderr.readline().decode().rsplit(":", 1)[1])
    for address, packet in packets():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.bind((address, 20000))
            s.sendto(packet, ("127.0.0.1", port))
    out = b""
    while True:
        try:
            more = os.read(master, 65536)
        except OSError:  # Linux says the end of a terminal so
            break
        if not more:
            break
        out += more
    process.communicate(timeout=30)
    os.close(master)
    return out.decode().replace("\r", "")


def page(text, columns, colours):
    """The text as HTML, with its colours."""
    body, style = "", ""
    for part in re.split(r"(\x1b\[[0-9;]*m)", text):
        code = re.fullmatch(r"\x1b\[([0-9;]*)m", part)
        if not code:
            body += f'<span style="{style}">{html.escape(part)}</span>'
            continue
        style = ""
        for number in map(int, filter(None, code[1].split(";"))):
            style += {1: "font-weight:bold;", 2: "opacity:.6;"}.get(number, "")
            if number in colours:
                style += f"{'background' if number == 41 else 'color'}:{colours[number]};"
    return (
        f'<!doctype html><meta charset="utf-8"><body style="margin:8px;background:{colours["back"]};'
        f'color:{colours["front"]}"><pre style="width:{columns}ch;font:14px monospace;white-space:pre-wrap;'
        f'word-break:break-all">{body}</pre>'
    )


def main():
    tool, directory = sys.argv[1], pathlib.Path(sys.argv[2])
    directory.mkdir(parents=True, exist_ok=True)
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    for columns in (80, 160):
        text = terminal(tool, columns)
        for name, colours in (("dark", DARK), ("light", LIGHT)):
            file = directory / f"listen-{columns}-{name}.html"
            file.write_text(page(text, columns, colours))
            if browser:
                picture = file.with_suffix(".png")
                size = f"--window-size={columns * 9 + 40},{text.count(chr(10)) * 19 + 60}"
                subprocess.run(
                    [
                        browser,
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        f"--screenshot={picture}",
                        size,
                        f"file://{file}",
                    ],
                    stderr=subprocess.DEVNULL,
                    check=True,
                    timeout=120,
                )
            print(file)


if __name__ == "__main__":
    main()
