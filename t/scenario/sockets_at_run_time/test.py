"""Sockets are added and closed while calls go on, by command and with the addresses of the machine: no call fails."""
import json
import os
import shutil
import socket
import subprocess
import time

from harness import Stream, check, equal, establish
from harness.call import hang_up
from harness.message import fresh

LOAD = True
LIMIT = 180
MOST = 1000  # rounds: a server has 4096 sockets in its life
QUICK = [("tm", "wt_timer", 2), ("tm", "timer_d", 2)]


def command(server, name, *parameters):
    with Stream(server.control_socket) as client:
        return client.call(name, list(parameters) or None)


def good(server, name, *parameters):
    answer = command(server, name, *parameters)
    check("result" in answer, f"{name} {parameters}: {answer.get('error')}")
    return answer["result"]


def listed(server):
    return {one["Socket"]: one for one in good(server, "sockets:list")["Sockets"]}


def test_under_load(env):
    """A socket that calls use comes and goes beside those of a steady load."""
    called = env.sipp("uas_call.xml", values={"RING": 20})
    server = env.server("route.lua", values={"CALLEE": called.hostport}, modparams=QUICK)
    calls = env.scaled(1500)
    calling = env.sipp("uac_call.xml", target=server, rate=100 if not env.sanitizer else 20, calls=calls,
                       values={"USER": "callee", "TALK": 50})
    calling.await_calls(10)
    rounds = 0
    while calling.process.poll() is None and rounds < MOST:
        port = env.port()
        good(server, "sockets:add", f"udp:{env.ip}:{port}")
        caller, callee = env.endpoint(), env.endpoint()
        call, other = establish(caller, callee, (env.ip, port), f"sip:callee@{env.ip}:{port}",
                                [("X-Target", callee.uri())])
        hang_up(call, other)
        caller.close()
        callee.close()
        good(server, "sockets:close", f"udp:{env.ip}:{port}")
        rounds += 1
    calling.finish(120)
    check(rounds > 3, f"only {rounds} rounds")
    equal(len(listed(server)), 1, "sockets that are left")


def test_what_is_added_listens(env):
    server = env.server()
    port, alias = env.port(), env.port()
    good(server, "sockets:add", f"udp:{env.ip}:{port}", "as", f"sip.example.com:{alias}")
    one = listed(server)[f"udp:{env.ip}:{port}"]
    equal(one["Advertised"], f"sip.example.com:{alias}", "what others are told")
    caller, callee = env.endpoint("caller"), env.endpoint("callee")
    caller.send(caller.request("OPTIONS", f"sip:x@{env.ip}:{port}", headers=[("X-Target", callee.uri())]),
                (env.ip, port))
    via = callee.expect("OPTIONS").get("Via")
    check(f"sip.example.com:{alias}" in via, f"Via is {via}")
    good(server, "sockets:add", f"tcp:{env.ip}:{port}")
    with socket.create_connection((env.ip, port), 5, source_address=(env.ip, 0)) as connection:
        connection.sendall(b"\r\n\r\n")
        equal(connection.recv(10), b"\r\n", "what the added TCP socket says to a ping")
        good(server, "sockets:close", f"tcp:{env.ip}:{port}")
        connection.sendall(b"\r\n\r\n")
        equal(connection.recv(10), b"\r\n", "what a connection says when its socket is closed")
    with socket.socket() as refused:
        check(refused.connect_ex((env.ip, port)) != 0, "a closed socket accepts")


def test_call_outlives_the_socket_it_began_on(env):
    """What has to go to it takes another, and the other side can still hang up."""
    server = env.server()
    port = env.port()
    good(server, "sockets:add", f"udp:{env.ip}:{port}")
    caller, callee = env.endpoint("caller"), env.endpoint("callee")
    _, other = establish(caller, callee, (env.ip, port), f"sip:callee@{env.ip}:{port}",
                         [("X-Target", callee.uri())])
    good(server, "sockets:close", f"udp:{env.ip}:{port}")
    hanging = other.dialog.request("BYE")
    callee.send(hanging, server.address)
    bye = caller.expect("BYE")
    caller.reply(bye, 200)
    equal(callee.expect_final(hanging).code, 200, "the BYE")


def test_refused_commands(env):
    server = env.server()
    mine = f"udp:{env.ip}:{server.address[1]}"
    for what, error in (("upd:127.0.0.1", "did you mean udp?"), (mine, "is open already"), ("udp:nowhere0:5060", "interfaces"),
                        (f"tls:{env.ip}:0", "no TLS domain"),
                        ("udp:192.0.2.1:5060", "cannot bind")):
        answer = command(server, "sockets:add", what)
        check(error in answer["error"]["message"], f"{what}: {answer}")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind((env.ip, 0))
        answer = command(server, "sockets:add", f"udp:{env.ip}:{taken.getsockname()[1]}")
        check("Address already in use" in answer["error"]["message"], str(answer))
    equal(command(server, "sockets:close", "udp:192.0.2.1:5060")["error"]["code"], 404, "what is not there")
    equal(list(listed(server)), [mine], "sockets")


def test_interface_name(env):
    """All addresses of it, as they are, and closed by its name."""
    server = env.server()
    port = env.port("127.0.0.1")
    good(server, "sockets:add", f"udp:lo:{port}")
    of_interface = [name for name, one in listed(server).items() if one["Line"] == f"udp:lo:{port}"]
    check(f"udp:127.0.0.1:{port}" in of_interface, f"sockets: {of_interface}")
    server.await_answer(("127.0.0.1", port))
    good(server, "sockets:close", f"udp:lo:{port}")
    equal(len(listed(server)), 1, "sockets that are left")


class Namespace:
    """A network of its own in which a server runs."""

    def __init__(self, env, server):
        unshare = shutil.which("unshare")
        if not unshare or not shutil.which("nsenter") or not shutil.which("ip"):
            env.skip("needs unshare, nsenter and ip")
        self.env, self.server = env, server
        start = f"ip link set lo up && exec {env.build / 'opensips'} -f {server.config_path} -D"
        flags = ["--net"] if os.geteuid() == 0 else ["--net", "--user", "--map-root-user"]
        if subprocess.run([unshare, *flags, "true"], check=False, capture_output=True).returncode != 0:
            env.skip("no network namespace may be made here")
        with open(server.log_path, "ab") as log:
            server.process = subprocess.Popen([unshare, *flags, "sh", "-c", start], stdin=subprocess.DEVNULL,
                                              stdout=log, stderr=log, cwd=env.directory)
        self.enter = ["nsenter", "-t", str(server.process.pid), "--net"]
        if os.geteuid() != 0:
            self.enter += ["--user", "--preserve-credentials"]
        server.wait_log("ready")

    def run(self, *words):
        subprocess.run([*self.enter, *words], check=True, timeout=20)

    def answers(self, host, port):
        """Whether a socket of the server answers an OPTIONS that is sent inside."""
        text = ("import socket,sys\ns=socket.socket(socket.AF_INET,socket.SOCK_DGRAM);s.bind((sys.argv[1],0))\n"
                "s.settimeout(5);s.sendto(sys.stdin.buffer.read().replace(b'PORT',str(s.getsockname()[1]).encode()),"
                "(sys.argv[1],int(sys.argv[2])))\nprint(s.recv(9999).decode().split()[1])")
        request = (f"OPTIONS sip:x@{host}:{port} SIP/2.0\r\nVia: SIP/2.0/UDP {host}:PORT;branch=z9hG4bK{fresh('b')}\r\n"
                   f"From: <sip:a@{host}>;tag=a\r\nTo: <sip:x@{host}>\r\nCall-ID: {fresh('c')}\r\nCSeq: 1 OPTIONS\r\n"
                   "Max-Forwards: 9\r\nContent-Length: 0\r\n\r\n").encode()
        got = subprocess.run([*self.enter, "python3", "-c", text, host, str(port)], input=request, check=False,
                             capture_output=True, timeout=20)
        return got.stdout.strip() == b"404"


def await_sockets(env, server, wanted):
    deadline = time.monotonic() + 10 * env.patience
    while set(listed(server)) != wanted:
        check(time.monotonic() < deadline, f"sockets: {json.dumps(listed(server))}, wanted {wanted}")
        time.sleep(0.05)


def test_addresses_that_come_and_go(env):
    """A wildcard follows the addresses of the machine; what was closed by command stays closed."""
    server = env.server(start=False, sockets=["0.0.0.0"], port=5060)
    inside = Namespace(env, server)
    await_sockets(env, server, {"udp:127.0.0.1:5060"})
    inside.run("ip", "address", "add", "10.9.8.7/32", "dev", "lo")
    await_sockets(env, server, {"udp:127.0.0.1:5060", "udp:10.9.8.7:5060"})
    check(inside.answers("10.9.8.7", 5060), "the new address does not answer")
    good(server, "sockets:close", "udp:127.0.0.1:5060")
    inside.run("ip", "address", "del", "10.9.8.7/32", "dev", "lo")
    await_sockets(env, server, set())
    inside.run("ip", "address", "add", "10.9.8.7/32", "dev", "lo")
    await_sockets(env, server, {"udp:10.9.8.7:5060"})
    check(inside.answers("10.9.8.7", 5060), "the address that came back does not answer")
    server.wait_log("not listening on udp:10.9.8.7:5060 any more")
