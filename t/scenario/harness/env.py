"""What a test function gets: addresses, a folder, servers, endpoints, SIPp runs; all of it ends with the test."""
import os
import pathlib
import random
import socket
import subprocess

from .call import Alive
from .endpoint import Endpoint
from .kernel import in_guest
from .sctp import Association, SctpEndpoint
from .server import Server, free_tcp_port
from .sipp import Sipp
from .stream import Connection, StreamEndpoint
from .tls import Authority, Tie, TlsConnection, TlsEndpoint
from .websocket import WebSocket, WebSocketEndpoint

SCENARIOS = pathlib.Path(__file__).resolve().parent.parent
ROOT = SCENARIOS.parent.parent


class Failure(AssertionError):
    """What a test asserts is not so."""


class Skip(Exception):
    """The test cannot run here; the text says why."""


def check(condition, why):
    if not condition:
        raise Failure(why)


def equal(got, wanted, what):
    if got != wanted:
        raise Failure(f"{what}: {got!r}, not {wanted!r}")


class Env:
    """folder: of the scenario; build: where opensips is; directory: for what the test writes."""

    def __init__(self, folder, build, directory, variant="release", scale=1.0, soak=False):
        self.folder, self.build, self.directory = pathlib.Path(folder), pathlib.Path(build), pathlib.Path(directory)
        self.variant, self.scale, self.soak = variant, scale, soak
        self.sanitizer = variant in ("asan", "tsan")
        self.patience = 3.0 if self.sanitizer or in_guest() else 1.0  # multiplies what is waited at most
        # A loopback address of its own keeps tests that run at the same time apart, whatever ports they draw.
        draw = random.SystemRandom().randrange
        self.ip = f"127.{draw(1, 255)}.{draw(1, 255)}.{draw(2, 255)}"
        self.root, self.scenarios = ROOT, SCENARIOS
        self.open = []  # to be closed, in reverse
        self.servers = []

    def scaled(self, count, least=10):
        """A load: the count, fewer under a sanitizer."""
        return max(min(count, least), int(count * self.scale))

    def fail(self, why):
        raise Failure(why)

    def port(self, ip=None):
        """A UDP port that was free a moment ago."""
        ip = ip or self.ip
        with socket.socket(socket.AF_INET6 if ":" in ip else socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.bind((ip, 0))
            return s.getsockname()[1]

    def has_ipv6(self):
        try:
            self.port("::1")
            return True
        except OSError:
            return False

    def find(self, name):
        """A file of the scenario, or one of those that scenarios share."""
        for folder in (self.folder, self.scenarios / "common", self.scenarios / "sipp"):
            if (folder / name).exists():
                return folder / name
        raise FileNotFoundError(name)

    def fill(self, name, values, to=None):
        """Copies a file into the test's directory with its @NAME@ filled in; `name` may be the text itself."""
        if "\n" in name:
            text, to = name, to or "inline.lua"
        else:
            path = self.find(name)
            text, to = path.read_text(), to or path.name
        for key, value in values.items():
            text = text.replace(f"@{key}@", str(value))
        out = self.directory / to
        out.write_text(text)
        return out

    def server(self, script="relay.lua", start=True, **options):
        """An opensips with that script, started and answering. Options: see Server."""
        server = Server(self, script, **options)
        self.servers.append(server)
        self.open.append(server)
        if start:
            server.start()
        return server

    def endpoint(self, name="ua", ip=None, port=0):
        endpoint = Endpoint(self, ip, port, name)
        self.open.append(endpoint)
        return endpoint

    def tcp_endpoint(self, name="ua", ip=None, port=0):
        endpoint = StreamEndpoint(self, ip, port, name)
        self.open.append(endpoint)
        return endpoint

    def authority(self, name="test"):
        """A CA that issues certificates."""
        return Authority(self.directory, name)

    def tls_endpoint(self, name="ua", ip=None, port=0, **options):
        endpoint = TlsEndpoint(self, ip, port, name, **options)
        self.open.append(endpoint)
        return endpoint

    def tls_connect(self, server, **options):
        """A TLS connection to a Server's TLS socket, for bytes. Options: see TlsConnection.to."""
        connection = TlsConnection.to(getattr(server, "tls_address", server), self.ip, **options)
        self.open.append(connection)
        return connection

    def tie_to_tls(self, address):
        """Takes TCP connections, and hands their bytes on by TLS to that address."""
        port = free_tcp_port(self.ip)
        return self._tie(["connect", self.ip, port, address[1]], (self.ip, port))

    def tie_to_tcp(self, address, certificate):
        """Takes TLS connections, and hands their bytes on by TCP."""
        port = free_tcp_port(self.ip)
        return self._tie(["accept", certificate.certificate, certificate.key, self.ip, port, address[1]],
                         (self.ip, port))

    def hold_tls(self, count, server):
        """That many TLS connections to a Server, open and silent."""
        return self._tie(["hold", count, *server.tls_address])

    def _tie(self, command, address=None):
        tie = Tie(self, command, address)
        self.open.append(tie)
        return tie.ready()

    def sctp_endpoint(self, name="ua", ip=None, port=0):
        endpoint = SctpEndpoint(self, ip, port, name)
        self.open.append(endpoint)
        return endpoint

    def connect(self, server, source_ip=None, kind=Connection):
        """A TCP connection to a Server, or an (ip, port), for bytes."""
        connection = kind.to(getattr(server, "address", server), source_ip or self.ip)
        self.open.append(connection)
        return connection

    def associate(self, server, source_ip=None):
        """The same over SCTP."""
        return self.connect(server, source_ip, Association)

    def ws_endpoint(self, server, name="browser", **headers):
        """A user agent over a WebSocket to a Server. headers: other ones in its handshake."""
        endpoint = WebSocketEndpoint(self, server, name, **headers)
        self.open.append(endpoint)
        return endpoint

    def websocket(self, server):
        """A TCP connection to a Server's WebSocket, on which nothing was said yet."""
        connection = WebSocket.to(server.address, self.ip)
        self.open.append(connection)
        return connection

    def sipp(self, scenario, **options):
        """A SIPp run, started. Options: see Sipp."""
        sipp = Sipp(self, scenario, **options)
        self.open.append(sipp)
        return sipp.start()

    def alive(self, server, ip=None):
        return Alive(self, server, ip)

    def spawn(self, command, **options):
        """Any other child; killed with the test."""
        options.setdefault("stdin", subprocess.DEVNULL)
        process = subprocess.Popen(command, **options)
        self.open.append(_Child(process))
        return process

    def skip(self, why):
        raise Skip(why)

    def close(self, good):
        """Ends everything; a server that does not stop cleanly fails a test that was good so far."""
        problems = []
        for thing in reversed(self.open):
            try:
                thing.close()
            except Failure as failure:
                problems.append(str(failure))
            except Exception as error:  # pylint: disable=broad-except
                problems.append(f"{type(error).__name__}: {error}")
        if good and problems:
            raise Failure("; ".join(problems))

    def report(self):
        """What is worth reading when the test failed."""
        return "\n".join(filter(None, (thing.report() for thing in self.open if hasattr(thing, "report"))))


class _Child:
    def __init__(self, process):
        self.process = process

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


def tail(path, lines=40):
    try:
        text = pathlib.Path(path).read_text(errors="replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-lines:])


def executable(path):
    return os.access(path, os.X_OK)
