"""Two real softphones (baresip) register with the script as shipped; one calls, the other answers, one hangs up."""
import json
import pathlib
import shutil
import socket
import time
import wave

from harness.env import tail


def modules():
    for folder in ("/usr/lib/baresip/modules", "/usr/lib64/baresip/modules", "/usr/local/lib/baresip/modules"):
        if pathlib.Path(folder, "menu.so").exists():
            return folder
    return None


class Phone:
    """One baresip: its own folder and address, steered through its control port."""

    def __init__(self, env, server, user, answer, transport):
        self.env, self.user = env, user
        self.directory = env.directory / user
        self.directory.mkdir()
        self.control = (env.ip, self._tcp_port())
        values = {"IP": env.ip, "PORT": env.port(), "CONTROL": self.control[1], "DIR": self.directory, "USER": user,
                  "SERVER": server.hostport, "ANSWER": answer, "MODULES": modules(), "TRANSPORT": transport}
        env.fill("config.in", values, f"{user}/config")
        env.fill("accounts.in", values, f"{user}/accounts")
        (self.directory / "contacts").write_text("")
        with wave.open(str(self.directory / "silence.wav"), "wb") as sound:
            sound.setparams((1, 2, 8000, 0, "NONE", ""))
            sound.writeframes(bytes(2 * 8000 * 60))
        self.output = self.directory / "output"
        with open(self.output, "wb") as out:
            env.spawn(["baresip", "-4", "-f", str(self.directory)], stdout=out, stderr=out, cwd=self.directory)
        self.link = None
        self.events = []
        self.buffer = b""

    def _tcp_port(self):
        with socket.socket() as s:
            s.bind((self.env.ip, 0))
            return s.getsockname()[1]

    def connect(self):
        deadline = time.monotonic() + 10 * self.env.patience
        while self.link is None:
            try:
                self.link = socket.create_connection(self.control, 1)
            except OSError:
                if time.monotonic() > deadline:
                    self.env.fail(f"{self.user}: baresip did not start: {tail(self.output)}")
                time.sleep(0.05)

    def command(self, command, params=""):
        text = json.dumps({"command": command, "params": params, "token": command}).encode()
        self.link.sendall(b"%d:%s," % (len(text), text))

    def _read(self, deadline):
        """One netstring from the control port, as an object; None at the deadline."""
        while True:
            size, colon, rest = self.buffer.partition(b":")
            if colon and len(rest) > int(size):
                self.buffer = rest[int(size) + 1:]
                return json.loads(rest[:int(size)])
            self.link.settimeout(max(0.01, deadline - time.monotonic()))
            try:
                data = self.link.recv(65536)
            except TimeoutError:
                return None
            if not data:
                return None
            self.buffer += data

    def expect(self, kind):
        """An event of that type, such as CALL_ESTABLISHED; earlier ones are dropped."""
        deadline = time.monotonic() + 20 * self.env.patience
        while (event := self._read(deadline)) is not None:
            self.events.append(event.get("type") or event.get("data"))
            if event.get("type") == kind:
                return event
        self.env.fail(f"{self.user}: no {kind}; there was {self.events}\n{tail(self.output)}")
        return None


def test_udp(env):
    calls(env, "udp", "udp")


def test_tcp(env):
    calls(env, "tcp", "tcp")


def test_tcp_calls_udp(env):
    calls(env, "tcp", "udp")


def calls(env, of_alice, of_bob):
    if not shutil.which("baresip") or not modules():
        env.skip("no baresip here")
    server = env.server(env.root / "etc" / "route.lua", transports=("udp", "tcp"))
    alice, bob = Phone(env, server, "alice", "manual", of_alice), Phone(env, server, "bob", "auto", of_bob)
    for phone in (alice, bob):
        phone.connect()
        phone.command("uafind", f"sip:{phone.user}@{server.hostport}")
    await_registration(env, server, ("alice", "bob"))
    for leaver, stayer in ((alice, bob), (bob, alice)):
        alice.command("dial", f"sip:bob@{server.hostport};transport={of_alice}")
        alice.expect("CALL_ESTABLISHED")
        bob.expect("CALL_ESTABLISHED")
        leaver.command("hangup")
        leaver.expect("CALL_CLOSED")
        stayer.expect("CALL_CLOSED")


def await_registration(env, server, users):
    """Until a query shows a contact of each."""
    asker = env.endpoint("asker")
    deadline = time.monotonic() + 20 * env.patience
    for user in users:
        while True:
            query = asker.request("REGISTER", server.uri, f"sip:{user}@{server.hostport}").remove("Contact")
            if asker.transact(query, server).all("Contact"):
                break
            if time.monotonic() > deadline:
                env.fail(f"{user} did not register: {tail(env.directory / user / 'output')}")
            time.sleep(0.1)
