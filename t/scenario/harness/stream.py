"""A user agent over TCP, byte by byte: it listens, and opens connections; what is sent is what the test wrote."""
import select
import socket
import time

from .endpoint import Endpoint
from .message import Message


class Connection:
    """One connection of a StreamEndpoint, or of nobody: bytes out, messages and bytes in."""

    def __init__(self, connected, peer):
        self.socket, self.peer = connected, peer
        self.buffer = b""
        self.closed = False  # by the other side

    @classmethod
    def to(cls, address, source_ip=None):
        connected = socket.create_connection(address, 5, source_address=(source_ip, 0) if source_ip else None)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return cls(connected, address)

    @property
    def local(self):
        return self.socket.getsockname()[:2]

    def send(self, data):
        self.socket.settimeout(10)
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            self.closed = True

    def fill(self, timeout=0.0):
        """Reads what there is; False if nothing came in time."""
        self.socket.settimeout(max(timeout, 0.0001))
        try:
            data = self.socket.recv(65536)
        except (TimeoutError, BlockingIOError):
            return False
        except ConnectionResetError:
            data = b""
        self.buffer += data
        self.closed = self.closed or not data
        return True

    def take(self):
        """The next whole message of what has come, or None."""
        while self.buffer[:2] == b"\r\n":
            self.buffer = self.buffer[2:]
        head, found, _ = self.buffer.partition(b"\r\n\r\n")
        if not found:
            return None
        message = Message.parse(self.buffer, self.peer)
        size = len(head) + 4 + int(message.get("Content-Length") or 0)
        if len(self.buffer) < size:
            return None
        message = Message.parse(self.buffer[:size], self.peer)
        message.connection = self
        self.buffer = self.buffer[size:]
        return message

    def expect(self, env, code=None, timeout=10.0):
        """The next message, which has that code if one is given."""
        deadline = time.monotonic() + timeout * env.patience
        while (message := self.take()) is None:
            if self.closed or time.monotonic() > deadline:
                env.fail(f"no message from {self.peer}{' before it closed' if self.closed else ''}: {self.buffer!r}")
            self.fill(deadline - time.monotonic())
        if code is not None and message.code != code:
            env.fail(f"{message.start!r} from {self.peer}, not {code}")
        return message

    def expect_bytes(self, env, wanted, timeout=10.0):
        deadline = time.monotonic() + timeout * env.patience
        while len(self.buffer) < len(wanted) and not self.closed and time.monotonic() < deadline:
            self.fill(deadline - time.monotonic())
        if not self.buffer.startswith(wanted):
            env.fail(f"{self.buffer!r} from {self.peer}, not {wanted!r}")
        self.buffer = self.buffer[len(wanted):]

    def expect_closed(self, env, why="", timeout=10.0):
        """The other side closes; what it sent before stays in the buffer."""
        deadline = time.monotonic() + timeout * env.patience
        while not self.closed:
            if time.monotonic() > deadline:
                env.fail(f"the connection with {self.peer} stays open {why}")
            self.fill(deadline - time.monotonic())

    def expect_open(self, env, why="", timeout=0.4):
        deadline = time.monotonic() + timeout
        while not self.closed and time.monotonic() < deadline:
            self.fill(deadline - time.monotonic())
        if self.closed:
            env.fail(f"the connection with {self.peer} was closed {why}")

    def close(self):
        self.socket.close()


class StreamEndpoint(Endpoint):
    """An Endpoint over TCP. It sends over the connection to an address that there is, else over a new one, and answers
    over the connection that a request came by."""

    transport = "TCP"
    protocol = socket.IPPROTO_TCP
    connection = Connection

    def _open(self, family, port):
        listener = socket.socket(family, socket.SOCK_STREAM, self.protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((self.ip, port))
        listener.listen(64)
        self.connections = []
        return listener

    def uri(self, user=None):
        return f"{super().uri(user)};transport={self.transport.lower()}"

    def close(self):
        for connection in self.connections:
            connection.close()
        super().close()

    def connect(self, address):
        """A new connection, in use from now on for what goes there."""
        connection = self.connection.to(getattr(address, "address", address), self.ip)
        self.connections.insert(0, connection)
        return connection

    def _way_back(self, request):
        return request.connection

    def _transmit(self, data, to):
        if not isinstance(to, Connection):
            open_ones = [c for c in self.connections if c.peer == tuple(to) and not c.closed]
            to = open_ones[0] if open_ones else self.connect(to)
        to.send(data)

    def _receive(self, deadline):
        while True:
            for connection in self.connections:
                if (message := connection.take()) is not None:
                    self.log.append((time.monotonic(), "<", message))
                    return message
            alive = [c for c in self.connections if not c.closed]
            ready, _, _ = select.select([self.socket] + [c.socket for c in alive], [], [],
                                        max(0, deadline - time.monotonic()))
            if not ready:
                return None
            if self.socket in ready:
                self._accept()
            for connection in alive:
                if connection.socket in ready:
                    connection.fill()

    def _accept(self):
        accepted, peer = self.socket.accept()
        self.connections.append(self.connection(accepted, peer[:2]))
