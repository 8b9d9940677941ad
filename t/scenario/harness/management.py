"""Clients of the server's management: JSON-RPC over its sockets and its FIFO, as operators' tools speak it."""
import json
import os
import random
import socket
import time


def request(method, params=None, id_=1):
    text = {"jsonrpc": "2.0", "id": id_, "method": method}
    if params is not None:
        text["params"] = params
    return json.dumps(text)


class Stream:
    """The control socket: a request a line, an answer a line."""

    def __init__(self, path, timeout=10):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(timeout)
        self.socket.connect(str(path))
        self.waiting = b""

    def send(self, data):
        self.socket.sendall(data if isinstance(data, bytes) else data.encode())

    def line(self):
        """The next line; None when the server has closed."""
        while b"\n" not in self.waiting:
            try:
                data = self.socket.recv(1 << 20)
            except ConnectionResetError:
                data = b""
            if not data:
                return None
            self.waiting += data
        line, self.waiting = self.waiting.split(b"\n", 1)
        return line

    def answer(self):
        line = self.line()
        return None if line is None else json.loads(line)

    def call(self, method, params=None, id_=1):
        self.send(request(method, params, id_) + "\n")
        return self.answer()

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Datagram:
    """mi_datagram: as opensips-cli does it, with a socket of its own that the answer comes to."""

    def __init__(self, path, own, timeout=10):
        self.path = str(path)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.settimeout(timeout)
        self.socket.bind(str(own))

    def send(self, data):
        self.socket.sendto(data if isinstance(data, bytes) else data.encode(), self.path)

    def answer(self):
        return json.loads(self.socket.recv(1 << 23))

    def call(self, method, params=None, id_=None):
        self.send(request(method, params if params is not None else {}, id_ or str(random.randrange(32768))))
        return self.answer()

    def close(self):
        self.socket.close()


class Fifo:
    """mi_fifo: as opensips-cli does it. No line end behind the request; the answer is the first line of a FIFO."""

    def __init__(self, path, reply_dir):
        self.path, self.reply_dir = path, reply_dir

    def send(self, text):
        with open(self.path, "w", encoding="utf-8") as fifo:
            fifo.write(text)

    def call(self, method, params=None, wait=0.0):
        name = f"opensips_fifo_reply_{os.getpid()}_{time.monotonic_ns()}"
        path = os.path.join(self.reply_dir, name)
        os.mkfifo(path)
        try:
            self.send(f":{name}:{request(method, params if params is not None else {}, '7')}")
            time.sleep(wait)
            with open(path, encoding="utf-8") as reply:
                return json.loads(reply.readline())
        finally:
            os.unlink(path)


def statistics(server, *names):
    """Their values, as numbers."""
    with Stream(server.control_socket) as control:
        result = control.call("get_statistics", [list(names)])["result"]
    return [int(result[name]) for name in names]


def wait_for_statistic(env, server, name, value):
    """Until it has that value."""
    deadline = time.monotonic() + 10 * env.patience
    while (now := statistics(server, name)[0]) != value:
        if time.monotonic() > deadline:
            env.fail(f"{name} is {now}, not {value}")
        time.sleep(0.02)
