"""Chromium without a window, driven by the Chrome DevTools protocol, and a page in it."""
import functools
import http.server
import itertools
import json
import pathlib
import shutil
import tempfile
import threading
import time

from harness.websocket import PING, PONG, TEXT, WebSocket, frame, handshake

NAMES = ("chromium", "chromium-browser", "google-chrome")


def find():
    """Where Chromium is, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class Browser:
    """A page of `folder`, in a browser of its own. run() evaluates JavaScript in it."""

    def __init__(self, env, folder, page):
        self.env, self.ids = env, itertools.count(1)
        handler = functools.partial(_Quiet, directory=str(folder))
        self.pages = http.server.ThreadingHTTPServer((env.ip, 0), handler)
        threading.Thread(target=self.pages.serve_forever, daemon=True).start()
        env.open.append(self)
        self.origin = "http://%s:%d" % self.pages.server_address[:2]
        profile = self.profile = pathlib.Path(tempfile.mkdtemp(prefix="opensips-chromium-"))
        with open(env.directory / "chromium.log", "wb") as log:
            env.spawn([find(), "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                       "--disable-background-networking", "--no-first-run", "--use-fake-device-for-media-stream",
                       "--use-fake-ui-for-media-stream", "--ignore-certificate-errors", "--remote-debugging-port=0",
                       f"--user-data-dir={profile}", f"{self.origin}/{page}"], stdout=log, stderr=log)
        self.tools = self._connect(profile / "DevToolsActivePort")
        self._attach(page)

    def close(self):
        self.pages.shutdown()
        self.pages.server_close()
        shutil.rmtree(self.profile, ignore_errors=True)

    def _connect(self, port_file):
        """Chromium writes down where it listens once it does."""
        deadline = time.monotonic() + 40 * self.env.patience
        while not port_file.exists() or port_file.read_text().count("\n") < 1:
            if time.monotonic() > deadline:
                self.env.fail("Chromium does not start")
            time.sleep(0.05)
        port, path = port_file.read_text().split("\n")[:2]
        tools = WebSocket.to(("127.0.0.1", int(port)))
        tools.send(handshake(f"127.0.0.1:{port}", path, Origin=None, Sec_WebSocket_Protocol=None))
        status, _ = tools.expect_http(self.env)
        if status != 101:
            self.env.fail(f"Chromium's DevTools answer {status}")
        return tools

    def _attach(self, page):
        deadline = time.monotonic() + 20 * self.env.patience
        while True:
            targets = self._command("Target.getTargets")["targetInfos"]
            found = [t for t in targets if t["type"] == "page" and t["url"].endswith(page)]
            if found:
                break
            if time.monotonic() > deadline:
                self.env.fail(f"Chromium does not open the page: {targets}")
            time.sleep(0.05)
        self.session = self._command("Target.attachToTarget", targetId=found[0]["targetId"], flatten=True)["sessionId"]
        while self.run("location.pathname + document.readyState") != f"/{page}complete":
            time.sleep(0.05)

    def _command(self, method, session=None, timeout=20.0, **params):
        number = next(self.ids)
        message = {"id": number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        self.tools.send(frame(TEXT, json.dumps(message).encode()))
        deadline = time.monotonic() + timeout * self.env.patience
        while True:
            opcode, payload = self.tools.expect_frame_of(self.env, (TEXT, PING), max(0.1, deadline - time.monotonic()))
            if opcode == PING:
                self.tools.send(frame(PONG, payload))
                continue
            answer = json.loads(payload)
            if answer.get("id") != number:  # an event
                continue
            if "error" in answer:
                self.env.fail(f"{method}: {answer['error']}")
            return answer["result"]

    def run(self, script):
        """The value of an expression; what is promised is waited for."""
        result = self._command("Runtime.evaluate", self.session, expression=script, awaitPromise=True,
                               returnByValue=True)
        if "exceptionDetails" in result:
            self.env.fail(f"{script}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def expect(self, event):
        """phone.js has seen it."""
        script = f"Promise.race([happened({json.dumps(event)}), new Promise(r => setTimeout(r, 15000))])"
        if self.run(script) != event:
            self.env.fail(f"the browser has not seen {event!r} but {self.run('seen')}")
