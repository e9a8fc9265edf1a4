# SPDX-License-Identifier: MIT
"""A headless Chromium, driven by the DevTools protocol over pipes: no port, no driver, no package of Python."""

import base64
import contextlib
import json
import os
import pathlib
import select
import shutil
import subprocess
import tempfile
import time

PATIENCE = 120  # seconds, for a machine that is busy


def find_chromium() -> str | None:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    return None


class Browser:
    """One page of a browser of its own, without a profile and without the network."""

    def __init__(self, program: str) -> None:
        self._profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        # Chromium reads from descriptor 3 and writes to 4.
        command = 'exec "$0" "$@" 3<&0 4>&1 0</dev/null 1>/dev/null'
        options = [
            "--headless=new",
            "--remote-debugging-pipe",
            "--no-sandbox",  # root has none
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-extensions",
            "--disable-background-networking",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            f"--user-data-dir={self._profile.name}",
            "about:blank",
        ]
        self._process = subprocess.Popen(
            ["sh", "-c", command, program, *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
        )
        self._to = self._process.stdin.fileno()
        self._from = self._process.stdout.fileno()
        self._received = b""
        self._number = 0
        self.events: list[dict] = []
        targets = self._send("Target.getTargets", {}, None)["targetInfos"]
        page = next(one["targetId"] for one in targets if one["type"] == "page")
        attached = self._send("Target.attachToTarget", {"targetId": page, "flatten": True}, None)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "DOM"):
            self.send(f"{domain}.enable")

    def close(self) -> None:
        with contextlib.suppress(OSError, RuntimeError, TimeoutError):
            self._send("Browser.close", {}, None)
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._process.stdin.close()
        self._process.stdout.close()
        self._profile.cleanup()

    def send(self, method: str, **parameters: object) -> dict:
        return self._send(method, parameters, self._session)

    def _send(self, method: str, parameters: dict, session: str | None) -> dict:
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        left = json.dumps(message).encode() + b"\0"
        while left:
            left = left[os.write(self._to, left) :]
        while True:
            answer = self._receive()
            if answer.get("id") != self._number:
                self.events.append(answer)
            elif "error" in answer:
                raise RuntimeError(f"{method}: {answer['error']}")
            else:
                return answer["result"]

    def _receive(self) -> dict:
        while b"\0" not in self._received:
            if not select.select([self._from], [], [], PATIENCE)[0]:
                raise TimeoutError("the browser does not answer")
            some = os.read(self._from, 1 << 20)
            if not some:
                raise RuntimeError("the browser has ended")
            self._received += some
        message, self._received = self._received.split(b"\0", 1)
        return json.loads(message)

    def open(self, page: pathlib.Path) -> None:
        # What was there before must not count as the new page.
        self.evaluate("delete document.documentElement.dataset.ready")
        self.send("Page.navigate", url=page.as_uri())
        self.wait_for("document.documentElement?.dataset.ready === 'yes'")

    def evaluate(self, expression: str) -> object:
        """The value of an expression of JavaScript, awaited."""
        answer = self.send(
            "Runtime.evaluate",
            expression=expression,
            awaitPromise=True,
            returnByValue=True,
            userGesture=True,
        )
        if "exceptionDetails" in answer:
            raise RuntimeError(json.dumps(answer["exceptionDetails"])[:2000])
        return answer["result"].get("value")

    def wait_for(self, condition: str) -> None:
        end = time.monotonic() + PATIENCE
        while not self.evaluate(condition):
            if time.monotonic() > end:
                raise TimeoutError(condition)
            time.sleep(0.05)

    def type_text(self, selector: str, text: str) -> None:
        """Replaces what a field holds, as a paste does."""
        self.evaluate(f"document.querySelector({json.dumps(selector)}).select()")
        self.send("Input.insertText", text=text)

    def press(self, key: str, code: int, modifiers: int = 0) -> None:
        for kind in ("keyDown", "keyUp"):
            self.send(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                code=key,
                windowsVirtualKeyCode=code,
                modifiers=modifiers,
                text="\r" if key == "Enter" and kind == "keyDown" else "",
            )

    def choose_file(self, selector: str, path: pathlib.Path) -> None:
        root = self.send("DOM.getDocument")["root"]["nodeId"]
        node = self.send("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.send("DOM.setFileInputFiles", nodeId=node, files=[str(path)])

    def show_as(self, width: int, *, dark: bool) -> None:
        """Emulates a screen: a phone below 600 pixels."""
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=800,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.send("Emulation.setEmulatedMedia", features=[scheme])

    def take_screenshot(self, path: pathlib.Path) -> None:
        data = self.send("Page.captureScreenshot", captureBeyondViewport=True)["data"]
        path.write_bytes(base64.b64decode(data))
