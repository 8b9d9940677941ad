"""Whatever a client of the management does, calls go on, and so does management for the others."""
import json
import os
import random
import select
import socket
import time

from harness import Datagram, Fifo, Stream, check, equal, request

LIMIT = 120


class Managed:
    """A server with all ways in, calls that go on, and a check that both still work."""

    def __init__(self, env):
        self.env = env
        self.server = env.server(modparams=[("mi_datagram", "socket_name", str(env.directory / "mi.sock")),
                                            ("mi_fifo", "fifo_name", str(env.directory / "mi.fifo")),
                                            ("mi_fifo", "reply_dir", str(env.directory))])
        self.stream = Stream(self.server.control_socket)
        self.datagram = Datagram(env.directory / "mi.sock", env.directory / "own.sock")
        self.fifo = Fifo(env.directory / "mi.fifo", env.directory)

    def new_stream(self):
        return Stream(self.server.control_socket, timeout=30)

    def check(self, alive):
        alive.check()
        for client in (self.stream, self.datagram, self.fifo):
            check("result" in client.call("version"), f"{type(client).__name__} does not answer any more")


def test_garbage(env):
    managed, draw = Managed(env), random.Random(24)
    with env.alive(managed.server) as alive:
        for _ in range(100):
            garbage = draw.randbytes(draw.randrange(1, 2000))
            with managed.new_stream() as client:
                client.send(garbage + b"\n")
                check("error" in (client.answer() or {"error": 0}), "garbage has a result")
            managed.datagram.send(garbage)
            equal(managed.datagram.answer()["error"]["code"], -32700, "the answer to garbage")
            with open(managed.fifo.path, "wb") as fifo:
                fifo.write(garbage.replace(b"\n", b" ")[:1000] + b"\n")
        for text in ("{}", "[]", "null", "7", '"x"', "[[]]", '{"jsonrpc":"2.0"}', '{"jsonrpc":"2.0","method":[]}'):
            equal(managed.stream.send(text + "\n") or managed.stream.answer() is not None, True, text)
        managed.check(alive)


def test_too_long(env):
    """100 MiB that never become a request: an error and the end, and no memory."""
    managed = Managed(env)
    before = managed.server.rss_kb()
    with env.alive(managed.server) as alive:
        for piece in (b"a" * (1 << 20), b'{"a":"' + b"x" * (1 << 20), b"[" * (1 << 20), b" " * (1 << 20)):
            client = managed.new_stream()
            try:
                for _ in range(100):
                    client.send(piece)
            except OSError:
                pass  # closed: what is sent then is refused
            if not piece.isspace():
                check(client.answer() is None or client.line() is None, "it was not closed")
            client.close()
        for size in (65_536, 100_000, 200_000):
            try:
                managed.datagram.send(b'"' * size)
            except OSError:
                break  # more than the system takes
            check("error" in managed.datagram.answer(), f"{size} bytes")
        with open(managed.fifo.path, "wb") as fifo:
            for _ in range(100):
                fifo.write(b"x" * (1 << 20))
            fifo.write(b"\n")
        managed.check(alive)
    grown = managed.server.rss_kb() - before
    check(env.sanitizer or grown < 20_000, f"it grew by {grown} kB")


def test_deep(env):
    managed = Managed(env)
    with env.alive(managed.server) as alive:
        for deep in ("[" * 60_000, "[" * 30_000 + "]" * 30_000, '{"a":' * 10_000 + "1" + "}" * 10_000,
                     '{"jsonrpc":"2.0","id":1,"method":"which","params":' + "[" * 40 + "]" * 40 + "}"):
            managed.stream.send(deep + "\n")
            equal(managed.stream.answer()["error"]["code"], -32700, "the answer")
            managed.datagram.send(deep)
            equal(managed.datagram.answer()["error"]["code"], -32700, "the answer")
        managed.check(alive)


def test_never_reads(env):
    """Answers that nobody reads: over each way in."""
    managed = Managed(env)
    flood = (request("help") + "\n").encode() * 500
    with env.alive(managed.server) as alive:
        silent = managed.new_stream()
        silent.socket.settimeout(1)
        try:
            for _ in range(1000):
                silent.send(flood)
            check(False, "the server reads without end for a client that does not")
        except socket.timeout:
            pass
        deaf = Datagram(env.directory / "mi.sock", env.directory / "deaf.sock")
        deaf.socket.setblocking(False)
        for _ in range(2000):
            try:
                deaf.send(request("help"))
            except BlockingIOError:
                time.sleep(0.01)
        fifos = []
        for i in range(100):
            name = f"nobody_reads_{i}"
            os.mkfifo(env.directory / name)
            fifos.append(os.open(env.directory / name, os.O_RDONLY | os.O_NONBLOCK) if i % 2 else None)
            managed.fifo.send(f":{name}:[" + ",".join([request("help")] * 100) + "]\n")
        check("result" in managed.stream.call("version"), "the stream socket does not answer")
        check("result" in managed.datagram.call("version"), "the datagram socket does not answer")
        alive.check()
        managed.server.wait_log("cannot answer: nobody reads it", timeout=15)
        managed.check(alive)
        silent.close()
        deaf.close()


def test_octet_by_octet(env):
    managed = Managed(env)
    with env.alive(managed.server) as alive:
        slow = [managed.new_stream() for _ in range(50)]
        for octet in request("version") + "\n":
            for client in slow:
                client.send(octet)
        managed.check(alive)
        for client in slow:
            check("result" in client.answer(), "a slow client gets no answer")


def test_thousands_of_connections(env):
    managed = Managed(env)
    with env.alive(managed.server) as alive:
        held, refused = [], 0
        for _ in range(3000):
            client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            client.connect(str(managed.server.control_socket))
            client.settimeout(10)
            held.append(client)
            if len(held) > 500:  # our own descriptors have an end, too
                held.pop(random.randrange(len(held) - 400)).close()
        for client in select.select(held, [], [], 5 * env.patience)[0]:
            refused += b"too many connections" in client.recv(4096)
        check(refused > 0, "nobody was refused")
        managed.check(alive)
        for client in held:
            client.close()
        deadline = time.monotonic() + 10 * env.patience
        while True:
            with managed.new_stream() as client:
                if "result" in (client.call("version") or {}):
                    break
            check(time.monotonic() < deadline, "no connection although all others are closed")
            time.sleep(0.1)


def test_no_secrets(env):
    """Nothing that is asked for holds a key."""
    key = "0123456789abcdef0123456789abcdef"
    (env.directory / "mac.key").write_text(key + "\n")
    os.chmod(env.directory / "mac.key", 0o600)
    server = env.server(globals_={"mac_key_file": f'"{env.directory / "mac.key"}"'})
    with Stream(server.control_socket) as client:
        for name in client.call("which")["result"]:
            if name == "kill":
                continue
            for params in ([], ["all"], ["location", "nobody@example.com"]):
                said = json.dumps(client.call(name, params))
                check(key not in said and key[:16] not in said, f"{name} tells the key")
