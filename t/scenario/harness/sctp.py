"""A user agent over SCTP (RFC 4168): an association is a Connection whose messages need no Content-Length."""
import socket

from .kernel import IPPROTO_SCTP
from .message import Message
from .stream import Connection, StreamEndpoint

MSG_EOR = 0x80  # this is the end of an SCTP message


class Association(Connection):
    """A one-to-one socket: each send() is an SCTP message, whatever is in it."""

    def __init__(self, connected, peer):
        super().__init__(connected, peer)
        self.messages = []  # whole ones that have come; the beginning of the next is in the buffer

    @classmethod
    def to(cls, address, source_ip=None):
        v6 = ":" in address[0]
        connected = socket.socket(socket.AF_INET6 if v6 else socket.AF_INET, socket.SOCK_STREAM, IPPROTO_SCTP)
        connected.settimeout(5)
        if source_ip:
            connected.bind((source_ip, 0))
        connected.connect(address)
        return cls(connected, address)

    def fill(self, timeout=0.0):
        self.socket.settimeout(max(timeout, 0.0001))
        try:
            data, _, flags, _ = self.socket.recvmsg(65536)
        except (TimeoutError, BlockingIOError):
            return False
        except ConnectionResetError:
            data, flags = b"", 0
        self.buffer += data
        self.closed = self.closed or not data
        if flags & MSG_EOR:
            self.messages.append(self.buffer)
            self.buffer = b""
        return True

    def take(self):
        if not self.messages:
            return None
        message = Message.parse(self.messages.pop(0), self.peer)
        message.connection = self
        return message


class SctpEndpoint(StreamEndpoint):
    """A StreamEndpoint over SCTP."""

    transport = "SCTP"
    protocol = IPPROTO_SCTP
    connection = Association
