"""A WebSocket client, byte by byte (RFC 6455, RFC 7118), and a user agent over one."""
import base64
import os
import struct
import time

from .endpoint import Endpoint
from .message import Message, fresh
from .stream import Connection

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
ORIGIN = "https://phone.example.com"


def frame(opcode, payload=b"", final=True, masked=True, reserved=0, length=None):
    """One frame of a client. length: what its header claims."""
    length = len(payload) if length is None else length
    bit = 0x80 if masked else 0
    header = bytes([(0x80 if final else 0) | reserved << 4 | opcode])
    if length < 126:
        header += bytes([bit | length])
    elif length < 65536:
        header += struct.pack(">BH", bit | 126, length)
    else:
        header += struct.pack(">BQ", bit | 127, length)
    if not masked:
        return header + payload
    mask = os.urandom(4)
    return header + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))


def handshake(host, path="/", **other):
    """A browser's request. other: headers, by their names with _ for -; None takes one away."""
    headers = {"Host": host, "Upgrade": "websocket", "Connection": "Upgrade", "Origin": ORIGIN,
               "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(), "Sec-WebSocket-Version": "13",
               "Sec-WebSocket-Protocol": "sip"}
    headers.update({name.replace("_", "-"): value for name, value in other.items()})
    lines = [f"GET {path} HTTP/1.1"] + [f"{name}: {value}" for name, value in headers.items() if value is not None]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


class WebSocket(Connection):
    """A connection on which there are frames once shake_hands() has returned."""

    def shake_hands(self, env, **other):
        self.send(handshake("%s:%d" % self.peer, **other))
        status, headers = self.expect_http(env)
        if status != 101 or headers.get("sec-websocket-protocol") != "sip":
            env.fail(f"the handshake got {status} {headers}")
        return self

    def expect_http(self, env, timeout=10.0):
        """The status and the headers of an HTTP response; its body stays in the buffer."""
        deadline = time.monotonic() + timeout * env.patience
        while b"\r\n\r\n" not in self.buffer:
            if self.closed or time.monotonic() > deadline:
                env.fail(f"no HTTP response from {self.peer}: {self.buffer!r}")
            self.fill(deadline - time.monotonic())
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        return int(first.split()[1]), {k.lower(): v.strip() for k, v in (line.split(":", 1) for line in lines)}

    def send_message(self, message):
        self.send(frame(TEXT, message.bytes() if isinstance(message, Message) else message))

    def take_frame(self):
        """(opcode, payload) of the next whole frame that has come, or None."""
        if len(self.buffer) < 2:
            return None
        length, at = self.buffer[1] & 0x7f, 2
        if length == 126:
            length, at = int.from_bytes(self.buffer[2:4], "big"), 4
        elif length == 127:
            length, at = int.from_bytes(self.buffer[2:10], "big"), 10
        if len(self.buffer) < at + length:
            return None
        opcode, payload = self.buffer[0] & 0xf, self.buffer[at:at + length]
        self.buffer = self.buffer[at + length:]
        return opcode, payload

    def take(self):
        """The next SIP message of what has come, or None. Pings are answered, other control frames passed over."""
        while (found := self.take_frame()) is not None:
            opcode, payload = found
            if opcode == PING:
                self.send(frame(PONG, payload))
            elif opcode in (TEXT, BINARY) and payload.strip():
                message = Message.parse(payload, self.peer)
                message.connection = self
                return message
        return None

    def expect_frame(self, env, opcode, timeout=10.0):
        """The payload of the next frame, which has to be of that kind."""
        return self.expect_frame_of(env, (opcode,), timeout)[1]

    def expect_frame_of(self, env, opcodes, timeout=10.0):
        """The next frame, which has to be of one of those kinds."""
        deadline = time.monotonic() + timeout * env.patience
        while (found := self.take_frame()) is None:
            if self.closed or time.monotonic() > deadline:
                env.fail(f"no frame {opcodes} from {self.peer}, but {self.buffer!r}")
            self.fill(deadline - time.monotonic())
        if found[0] not in opcodes:
            env.fail(f"a frame {found} from {self.peer}, not {opcodes}")
        return found

    def expect_close(self, env, code):
        """A Close frame with that code, then the end of the connection."""
        payload = self.expect_frame(env, CLOSE)
        if int.from_bytes(payload[:2], "big") != code:
            env.fail(f"a Close frame with {payload!r}, not {code}")
        self.expect_closed(env, f"after its Close {code}")


class WebSocketEndpoint(Endpoint):
    """A user agent as RFC 7118 has it: everything goes over its one connection, and nobody could connect to it."""

    transport = "WS"

    def __init__(self, env, server, name="browser", **other):
        self.server, self.other = server, other
        self.host = fresh("h") + ".invalid"
        super().__init__(env, name=name)
        self.connection.shake_hands(env, **other)
        self.proxy = server

    def _open(self, family, port):
        self.connection = WebSocket.to(self.server.address, self.env.ip)
        return self.connection.socket

    @property
    def hostport(self):
        return self.host

    def uri(self, user=None):
        return f"sip:{user or self.name}@{self.host};transport=ws"

    def _way_back(self, request):
        return self.connection

    def _transmit(self, data, to):
        self.connection.send_message(data)

    def _receive(self, deadline):
        while (message := self.connection.take()) is None:
            if self.connection.closed or not self.connection.fill(deadline - time.monotonic()):
                return None
        self.log.append((time.monotonic(), "<", message))
        return message
