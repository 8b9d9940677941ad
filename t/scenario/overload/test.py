"""Twice as many requests as can be handled: most of what can be is, the rest is told to come back, calls go on."""
import collections
import selectors
import socket
import threading
import time

from harness import check, establish
from harness.message import Message, fresh

LOAD = ALONE = True
SOAK = True
LIMIT = 180
AT_LEAST = 0.6      # of the capacity; `make soak` wants 0.8, of a machine that does nothing else
GROWTH_KB = 32_768


class Generator:
    """Sends requests and counts the answers by their code."""

    def __init__(self, env, server):
        self.server, self.ip = server, env.ip
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.socket.bind((env.ip, 0))
        self.socket.setblocking(False)
        self.host = "%s:%d" % self.socket.getsockname()
        self.codes = collections.Counter()
        self.waits = set()   # the values of Retry-After
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.socket, selectors.EVENT_READ)

    def send(self):
        word = fresh()
        self.socket.sendto((f"OPTIONS {self.server.uri} SIP/2.0\r\nVia: SIP/2.0/UDP {self.host};branch=z9hG4bK{word}\r\n"
                            f"Max-Forwards: 70\r\nFrom: <sip:g@{self.host}>;tag={word}\r\nTo: <{self.server.uri}>\r\n"
                            f"Call-ID: {word}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n").encode(),
                           self.server.address)

    def receive(self, timeout):
        """Counts what comes; returns how many answers."""
        count = 0
        if not self.selector.select(timeout):
            return 0
        try:
            while True:
                answer = Message.parse(self.socket.recv(65536))
                self.codes[answer.code] += 1
                count += 1
                if answer.code == 503:
                    self.waits.add(answer.get("Retry-After"))
        except BlockingIOError:
            return count

    def capacity(self, seconds):
        """Answers per second when there are always a few requests on their way, and never more."""
        end = time.monotonic() + seconds
        waiting, answered = 0, 0
        while time.monotonic() < end:
            while waiting < 8:
                self.send()
                waiting += 1
            got = self.receive(1.0)
            waiting, answered = max(0, waiting - (got or waiting)), answered + got
        self.codes.clear()
        return answered / seconds

    def flood(self, rate, seconds):
        """Sends so many per second, whatever comes back. Returns the good answers per second."""
        begin = time.monotonic()
        sent = 0
        while (passed := time.monotonic() - begin) < seconds:
            while sent < passed * rate:
                self.send()
                sent += 1
            self.receive(0.002)
        good = self.codes[200] / seconds
        while self.receive(1.0):
            pass
        return good


def insist(endpoint, request, server, seconds):
    """Sends a request again and again, as RFC 3261 says of one that may be lost; the final answer."""
    end = time.monotonic() + seconds * endpoint.env.patience
    while time.monotonic() < end:
        endpoint.send(request, server)
        final = endpoint.maybe(lambda m: m.code >= 200 and m.call_id == request.call_id and m.cseq == request.cseq, 0.5)
        if final:
            return final
    endpoint.env.fail(f"no answer to {request!r}")


def test(env):
    seconds, least = (60, 0.8) if env.soak else (4, AT_LEAST)
    server = env.server("route.lua", workers=1, globals_={"overload_limit": 100})
    caller, callee = env.endpoint("caller"), env.endpoint("callee")
    call, called = establish(caller, callee, server, f"sip:callee@{server.hostport}",
                             headers=[("X-Target", callee.uri())])
    generator = Generator(env, server)
    generator.capacity(0.5)  # warm
    capacity = generator.capacity(2)
    before = server.rss_kb()

    result = []
    thread = threading.Thread(target=lambda: result.append(generator.flood(2 * capacity, seconds)))
    thread.start()
    server.wait_log("worker 0 is overloaded", timeout=seconds)
    answering = threading.Thread(target=lambda: callee.reply(callee.expect("BYE"), 200))
    answering.start()
    bye = call.dialog.request("BYE")
    final = insist(caller, bye, server, 10)
    check(final.code == 200, f"a BYE during the overload got {final.start}")
    answering.join()
    thread.join()

    codes = dict(generator.codes)
    check(result[0] >= least * capacity, f"{result[0]:.0f} good answers per second of {capacity:.0f} ({codes})")
    check(codes.get(503, 0) > 0 and set(codes) == {200, 503}, f"answers: {codes}")
    check(generator.waits <= set("12345") and len(generator.waits) >= 3, f"Retry-After: {generator.waits}")
    recovered = insist(caller, caller.request("OPTIONS", server.uri), server, 5)
    check(recovered.code == 200, f"after the overload: {recovered.start}")
    grown = server.rss_kb() - before
    check(env.sanitizer or grown < GROWTH_KB, f"the server grew by {grown} KiB")
