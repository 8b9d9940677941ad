"""Connections that come by the thousand from everywhere, to do no good: memory and descriptors are back where they
were afterwards, and calls between others are unharmed."""
import collections
import os
import socket
import struct
import time

from harness import Stream, check

LOAD = True
SOAK = True
LIMIT = 600
BOUND_KB = 3072  # growth allowed after the warm-up
OPEN = 200       # connections at a time
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: a close is a reset

HALF = b"OPTIONS sip:x@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bK"
WORDS = (b"", b"\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", HALF, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
         b"OPTIONS sip:x@127.0.0.1 SIP/2.0\r\nContent-Length: 99999999999\r\n\r\n")


def source(number):
    """An address of 127.0.0.0/8 that no test has: those begin behind 127.64."""
    return f"127.{1 + number // 62500 % 60}.{1 + number // 250 % 250}.{1 + number % 250}"


def attempt(server, number):
    """One connection; what it says and how it ends differ. It is open when this returns."""
    peer = socket.socket()
    peer.bind((source(number), 0))
    peer.settimeout(10)
    peer.connect(server.address)
    try:
        peer.sendall(WORDS[number % len(WORDS)])
        if number % 7 == 0:
            peer.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # the server was faster
    if number % 2:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    return peer


def run(server, first, count, alive=None):
    waiting = collections.deque()
    for number in range(first, first + count):
        waiting.append(attempt(server, number))
        if len(waiting) > OPEN:
            waiting.popleft().close()
        if alive and number % (count // 5) == 0:
            alive.check()
    while waiting:
        waiting.popleft().close()


def statistic(server, name):
    with Stream(server.control_socket) as client:
        return int(client.call("get_statistics", [[name]])["result"][name])


def descriptors(server):
    return len(os.listdir(f"/proc/{server.process.pid}/fd"))


def await_gone(env, server, left=None):
    """Until all connections are gone, and no more than `left` descriptors are open."""
    deadline = time.monotonic() + 30 * env.patience
    while (connections := statistic(server, "net:tcp_connections")) > 0 or (left and descriptors(server) > left):
        check(time.monotonic() < deadline, f"{connections} connections, {descriptors(server)} descriptors are left")
        time.sleep(0.1)


def test(env):
    warm, count = 2000, 100_000 if env.soak else env.scaled(4000)
    server = env.server(transports=("udp", "tcp"), globals_={"tcp_max_msg_time": 2, "tcp_connection_lifetime": 5})
    with env.alive(server) as alive:
        run(server, 0, warm)
        await_gone(env, server)
        memory, open_ones = server.rss_kb(), descriptors(server)
        run(server, warm, count, alive)
        await_gone(env, server, open_ones)
        after = server.rss_kb()
    check(statistic(server, "net:tcp_accepted") >= warm + count - OPEN, "they were not accepted")
    if not env.sanitizer:
        check(after - memory < BOUND_KB, f"it grew from {memory} KiB to {after} KiB over {count} connections")
