"""sip.http: scripts ask web servers, good ones and bad ones, and hold up nobody."""
import json
import socket
import threading
import time

from harness import check, equal
from harness.tls import server_context

LIMIT = 120


class Web:
    """A web server that does what a path says, and counts its connections."""

    def __init__(self, env, own=None):
        self.context = server_context(own) if own else None
        self.listener = socket.create_server((env.ip, 0))
        self.connections, self.requests = 0, []
        self.may_answer = threading.Event()   # what is `held` meanwhile
        self.address = f"{env.ip}:{self.listener.getsockname()[1]}"
        self.url = f"{'https' if own else 'http'}://{self.address}"
        env.open.append(self)
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self.listener.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
            self.connections += 1
            with connection, connection.makefile("rb") as reader:
                while self._answer(connection, reader):
                    pass
        except OSError:
            pass

    def _answer(self, connection, reader):
        line = reader.readline().decode()
        if not line:
            return False
        method, path, _ = line.split(" ", 2)
        headers = {}
        while (line := reader.readline().decode().strip()):
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        body = reader.read(int(headers.get("content-length", 0)))
        self.requests.append((method, path, headers, body))
        return getattr(self, path[1:].partition("?")[0])(connection, body)

    @staticmethod
    def _send(connection, body, status="200 OK", kind="application/json"):
        connection.sendall(f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        return True

    def good(self, connection, body):
        return self._send(connection, body or b'{"forward": "sip:bob@example.com"}')

    def held(self, connection, body):
        self.may_answer.wait()
        return self.good(connection, body)

    def missing(self, connection, _):
        return self._send(connection, b"nothing here", "404 Not Found", "text/plain")

    def frozen(self, connection, _):
        return connection.recv(1) != b""

    def half(self, connection, _):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf of")
        return self.frozen(connection, _)

    def cut(self, connection, _):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf of")
        return False

    def gibibyte(self, connection, _):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n")
        return self._pour(connection, b"x" * 65536)

    def flood(self, connection, _):
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        return self._pour(connection, b"10000\r\n" + b"x" * 65536 + b"\r\n")

    def headers(self, connection, _):
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        return self._pour(connection, b"X-More: " + b"x" * 1000 + b"\r\n")

    def garbage(self, connection, _):
        connection.sendall(b"\x00\xff\x16\x03 this is no HTTP\r\n\r\n" * 10)
        return False

    @staticmethod
    def _pour(connection, piece):
        for _ in range(16384):
            connection.sendall(piece)
        return False


def ask(env, server, url, headers=(), body=None):
    """The final answer to a request whose script asks that URL."""
    caller = env.endpoint("caller")
    options = {"headers": [("X-Url", url), *headers]}
    if body is not None:
        options["body"] = body
        options["headers"].append(("Content-Type", "application/json"))
    request = caller.request("MESSAGE", f"sip:x@{server.hostport}", **options)
    caller.send(request, server)
    return caller.expect_final(request)


def server_of(env, ca="", workers=1):
    return env.server("route.lua", values={"CA": ca}, workers=workers)


def test_answers(env):
    web, server = Web(env), server_of(env)
    answer = ask(env, server, f"{web.url}/good")
    equal((answer.code, answer.get("X-Status"), answer.get("X-Kind")), (200, "200", "application/json"), "the answer")
    equal(json.loads(answer.body)["forward"], "sip:bob@example.com", "its body")
    method, _, headers, _ = web.requests[0]
    equal((method, headers["x-caller"]), ("GET", "caller"), "what was asked")
    answer = ask(env, server, f"{web.url}/missing?number=1")
    equal((answer.get("X-Status"), answer.body), ("404", b"nothing here"), "an answer that says no")
    answer = ask(env, server, f"{web.url}/good", body=b'{"a": 1}')
    equal(answer.body, b'{"a": 1}', "what was posted")
    equal(web.requests[-1][2]["content-type"], "application/json", "its type")
    equal(web.connections, 1, "connections: the first is used again")


def test_bad_servers(env):
    """Whatever a server does, the script hears of it in time, and other calls go on."""
    web, server = Web(env), server_of(env)
    closed = socket.create_server((env.ip, 0))
    dead = f"http://{env.ip}:{closed.getsockname()[1]}"
    closed.close()
    short = [("X-Timeout", "500ms")]
    with env.alive(server) as alive:
        for path in ("frozen", "half"):
            equal(ask(env, server, f"{web.url}/{path}", short).get("X-Error"), "timed out", path)
        for path in ("gibibyte", "flood", "headers"):
            equal(ask(env, server, f"{web.url}/{path}").get("X-Error"), "the answer is too large", path)
        for path in ("cut", "garbage"):
            check(ask(env, server, f"{web.url}/{path}").get("X-Error"), f"{path}: no error")
        check("onnect" in ask(env, server, f"{dead}/x").get("X-Error"), "a port where nobody listens")
        equal(ask(env, server, "ftp://127.0.0.1/x").get("X-Error"), "not a URL of http or https", "ftp")
        check("not a URL" in ask(env, server, "http://[::1/x").get("X-Error"), "what is no URL")
        alive.check()
    equal(ask(env, server, f"{web.url}/good").code, 200, "a good one after them")


def test_frozen_host_holds_up_no_other(env):
    """More requests to a host that says nothing than there may be connections to it: others are asked meanwhile."""
    frozen, web, server = Web(env), Web(env), server_of(env)
    callers = [env.endpoint(f"caller{i}") for i in range(40)]
    requests = []
    for caller in callers:
        request = caller.request("MESSAGE", f"sip:x@{server.hostport}",
                                 headers=[("X-Url", f"{frozen.url}/frozen"), ("X-Timeout", "10s")])
        caller.send(request, server)
        requests.append(request)
    equal(ask(env, server, f"{web.url}/good").code, 200, "of another host")
    check(frozen.connections <= 32, f"{frozen.connections} connections to the frozen one")
    for caller, request in zip(callers, requests):
        equal(caller.expect_final(request, timeout=30).get("X-Error"), "timed out", "of the frozen one")


def test_slow_scripts_hold_up_nobody(env):
    """While scripts on both workers wait for their web server, all other callers are served."""
    web, server = Web(env), server_of(env, workers=2)
    callers = [env.endpoint(f"slow{i}") for i in range(12)]
    requests = []
    with env.alive(server) as alive:
        for caller in callers:
            requests.append(caller.request("MESSAGE", f"sip:x@{server.hostport}",
                                           headers=[("X-Url", f"{web.url}/held"), ("X-Timeout", "50s")]))
            caller.send(requests[-1], server)
        until = time.monotonic() + 20
        while len(web.requests) < len(callers):
            check(time.monotonic() < until, f"{len(web.requests)} requests have come to the web server")
            time.sleep(0.02)
        for _ in range(4):
            alive.check()
        web.may_answer.set()
        for caller, request in zip(callers, requests):
            equal(caller.expect_final(request, timeout=30).code, 200, "a slow one")


def test_tls(env):
    authority, stranger = env.authority(), env.authority("stranger")
    good = Web(env, authority.issue("web", f"IP:{env.ip}"))
    unknown = Web(env, stranger.issue("web", f"IP:{env.ip}"))
    other = Web(env, authority.issue("other", "DNS:example.com"))
    server = server_of(env, authority.ca)
    equal(ask(env, server, f"{good.url}/good").code, 200, "a good certificate")
    check(ask(env, server, f"{unknown.url}/good").get("X-Error"), "a certificate of a stranger's")
    check(ask(env, server, f"{other.url}/good").get("X-Error"), "a certificate for another")
    equal((unknown.requests, other.requests), ([], []), "requests to those")
