"""Softphones that people use, steered by a test: baresip, and linphone's daemon."""
import contextlib
import json
import os
import pathlib
import shutil
import socket
import time
import wave

from .env import tail
from .server import free_tcp_port

PATIENCE = 30   # seconds, for what a phone does by timers of its own


class Phone:
    """A softphone with a folder and an address of its own. `server`: HOST:PORT that it registers at. `network`: a
    NatNetwork that it is behind."""

    def __init__(self, env, server, user, password, transport, network, ip):
        self.env, self.server, self.user, self.transport = env, server, user, transport
        self.password, self.network = password, network
        self.ip = network.phone_ip if network else ip or env.ip
        self.directory = env.directory / user
        self.directory.mkdir()
        self.output = self.directory / "output"

    def where(self):
        """In the network that it is in."""
        return self.network.behind() if self.network else contextlib.nullcontext()

    def spawn(self, command, **options):
        with self.where(), open(self.output, "wb") as out:
            self.env.spawn(command, stdout=out, stderr=out, cwd=self.directory, **options)

    def address_of(self, user):
        return f"sip:{user}@{self.server};transport={self.transport}"

    def await_that(self, is_so, what):
        deadline = time.monotonic() + PATIENCE * self.env.patience
        while not is_so():
            if time.monotonic() > deadline:
                self.env.fail(f"{self.user}: {what}; it said:\n{tail(self.output)}")
            time.sleep(0.1)


def baresip_modules():
    for folder in ("/usr/lib/baresip/modules", "/usr/lib64/baresip/modules", "/usr/local/lib/baresip/modules"):
        if pathlib.Path(folder, "menu.so").exists():
            return folder
    return None


class Baresip(Phone):
    """Steered through its control port. It answers by itself if `answer` is "auto"."""

    def __init__(self, env, server, user, password="none", transport="udp", answer="auto", network=None, ip=None):
        if not shutil.which("baresip") or not baresip_modules():
            env.skip("no baresip here")
        super().__init__(env, server, user, password, transport, network, ip)
        with self.where():
            self.control, port = (self.ip, free_tcp_port(self.ip)), env.port(self.ip)
        values = {"IP": self.ip, "PORT": port, "CONTROL": self.control[1], "DIR": self.directory, "USER": user,
                  "SERVER": server, "PASSWORD": password, "ANSWER": answer, "MODULES": baresip_modules(),
                  "TRANSPORT": transport}
        env.fill("baresip.config.in", values, f"{user}/config")
        env.fill("baresip.accounts.in", values, f"{user}/accounts")
        (self.directory / "contacts").write_text("")
        with wave.open(str(self.directory / "silence.wav"), "wb") as sound:
            sound.setparams((1, 2, 8000, 0, "NONE", ""))
            sound.writeframes(bytes(2 * 8000 * 60))
        self.spawn(["baresip", "-4", "-f", str(self.directory)])
        self.link = None
        self.events = []
        self.buffer = b""
        self.await_that(self._connect, "baresip did not start")
        self.command("uafind", f"sip:{user}@{server}")

    def _connect(self):
        with contextlib.suppress(OSError), self.where():
            self.link = socket.create_connection(self.control, 1)
        return self.link

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
        deadline = time.monotonic() + PATIENCE * self.env.patience
        while (event := self._read(deadline)) is not None:
            self.events.append(event.get("type") or event.get("data"))
            if event.get("type") == kind:
                return event
        self.env.fail(f"{self.user}: no {kind}; there was {self.events}\n{tail(self.output)}")
        return None

    def dial(self, user):
        self.command("dial", self.address_of(user))

    def hang_up(self):
        self.command("hangup")

    def expect_call(self):
        self.expect("CALL_ESTABLISHED")

    def expect_end(self):
        self.expect("CALL_CLOSED")


class Linphone(Phone):
    """linphone's daemon, steered through its socket; it answers by itself. `ca`: what the certificates of servers come
    from."""

    def __init__(self, env, server, user, password, transport="udp", network=None, ip=None, ca=None):
        if not shutil.which("linphone-daemon"):
            env.skip("no linphone here")
        super().__init__(env, server, user, password, transport, network, ip)
        with self.where():
            port = env.port(self.ip) if transport == "udp" else free_tcp_port(self.ip)
            values = {"RTP": env.port(self.ip), "IP": self.ip, "USER": user, "CA": ca or "", "VERIFY": int(bool(ca))}
        config = env.fill("linphone.in", values, f"{user}/config")
        (self.directory / ".local/share/linphone").mkdir(parents=True)
        # It makes its socket there, whatever TMPDIR says.
        self.pipe = pathlib.Path("/", "tmp", f"opensips-test-{os.getpid()}-{env.port()}-{user}")
        home = {**os.environ, "HOME": str(self.directory), "XDG_DATA_HOME": str(self.directory),
                "XDG_CONFIG_HOME": str(self.directory)}
        self.spawn(["linphone-daemon", "--pipe", self.pipe.name, "--config", str(config), "--auto-answer",
                    "--disable-stats-events", "--log", str(self.directory / "log")], env=home)
        env.open.append(self)
        self.link = None
        self.await_that(self._connect, "linphone did not start")
        self.carry_out(f"port sip {port} {transport}")   # before that it has no socket
        self.carry_out(f"register sip:{user}@{server.rpartition(':')[0]} sip:{server};transport={transport} {password}")
        self.await_that(lambda: "RegistrationOk" in self.command("register-status ALL"), "it does not register")

    def close(self):
        with contextlib.suppress(OSError):
            self.pipe.unlink()

    def _connect(self):
        with contextlib.suppress(OSError):
            link = socket.socket(socket.AF_UNIX)
            link.connect(str(self.pipe))
            link.settimeout(PATIENCE)
            self.link = link
        return self.link

    def command(self, text):
        """What it says to a command: one packet."""
        self.link.sendall(text.encode() + b"\n")
        return self.link.recv(65536).decode(errors="replace")

    def carry_out(self, text):
        said = self.command(text)
        if "Status: Ok" not in said:
            self.env.fail(f"{self.user}: {text}: {said}")

    def dial(self, user):
        self.carry_out(f"call {self.address_of(user)}")

    def hang_up(self):
        self.carry_out("terminate")

    def expect_call(self):
        self.await_that(lambda: "StreamsRunning" in self.command("call-status"), "no call is up")

    def expect_end(self):
        self.await_that(lambda: "No current call" in self.command("call-status"), "the call does not end")
