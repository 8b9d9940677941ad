"""What becomes of associations: used again, listed, closed, lost, refused, idle, limited, kept for who is registered."""
import os
import signal
import socket
import subprocess
import time

from harness import Stream, check, equal, establish
from harness.call import hang_up
from harness.kernel import IPPROTO_SCTP, in_guest

SCTP = True
BOTH = ("udp", "sctp")


def make(env, **options):
    options.setdefault("transports", BOTH)
    return env.server("route.lua", **options)


def options_to(server, endpoint, *targets):
    headers = list(zip(("X-Target", "X-Second"), targets))
    return endpoint.request("OPTIONS", f"sip:nobody@{server.hostport}", headers=headers)


def associated(env, server):
    """An association that the server has accepted: it answers."""
    one = env.associate(server)
    one.send(options_to(server, env.endpoint()).bytes().replace(b"/UDP", b"/SCTP"))
    one.expect(env, 404)
    return one


def statistic(server, name):
    with Stream(server.control_socket) as control:
        return int(control.call("get_statistics", {"statistics": [f"net:sctp_{name}"]})["result"][f"net:sctp_{name}"])


def await_statistic(server, name, value):
    deadline = time.monotonic() + 10
    while statistic(server, name) != value:
        check(time.monotonic() < deadline, f"net:sctp_{name} is {statistic(server, name)}, not {value}")
        time.sleep(0.05)


def listed(server):
    with Stream(server.control_socket) as control:
        return [c for c in control.call("tcp:list")["result"]["Connections"] if c["Type"] == "sctp"]


def test_one_association_for_many_calls(env):
    server = make(env)
    caller, callee = env.sctp_endpoint("caller"), env.sctp_endpoint("callee")
    for _ in range(5):
        hang_up(*establish(caller, callee, server, f"sip:callee@{server.hostport}", [("X-Target", callee.uri())]))
    equal(len(caller.connections), 1, "associations of the caller")
    equal(len(callee.connections), 1, "associations that the server opened")
    equal([statistic(server, name) for name in ("accepted", "opened", "connections", "send_errors")], [1, 1, 2, 0],
          "the statistics")
    rows = listed(server)
    equal(sorted((row["Accepted"], row["State"]) for row in rows), [(False, "open"), (True, "open")], "the list")


def test_closed_by_command(env):
    server = make(env)
    peer = associated(env, server)
    with Stream(server.control_socket) as control:
        control.call("tcp:close", {"id": listed(server)[0]["ID"]})
    peer.expect_closed(env)
    equal((listed(server), statistic(server, "closed_by_command")), ([], 1), "what is left of it")


def test_accepted_association_is_used_for_requests_to_its_peer(env):
    server, caller = make(env), env.endpoint("caller")
    peer = associated(env, server)
    ip, port = peer.local
    caller.send(options_to(server, caller, f"sip:x@{ip}:{port};transport=sctp"), server)
    equal(peer.expect(env).method, "OPTIONS", "what comes over the association")


def test_registered_phone_is_called_over_its_association(env):
    """It says where its end is, and does not listen there."""
    server = make(env)
    phone, caller = env.sctp_endpoint("phone"), env.endpoint("caller")
    phone.port = phone.connect(server).local[1]
    request = phone.request("REGISTER", server.uri, f"sip:phone@{server.hostport}", headers=[("Expires", "600")])
    equal(phone.transact(request, server).code, 200, "REGISTER")
    for _ in range(2):
        hang_up(*establish(caller, phone, server, f"sip:phone@{server.hostport}"))
    equal(len(phone.connections), 1, "associations of the phone")


def test_refused_at_once(env):
    server, caller = make(env), env.endpoint("caller")
    began = time.monotonic()
    final = caller.transact(options_to(server, caller, f"sip:x@{env.ip}:{env.port()};transport=sctp"), server)
    equal(final.code, 503, "the answer")
    check(time.monotonic() - began < 5, "long before timer F")
    equal(statistic(server, "connect_failed"), 1, "the statistics")


def test_response_after_the_association_is_gone(env):
    """RFC 3261 18.2.2: to the address of the Via, over a new one."""
    server = make(env)
    caller, callee = env.sctp_endpoint("caller"), env.endpoint("callee")
    request = caller.send(options_to(server, caller, callee.uri()), server)
    got = callee.expect("OPTIONS")
    caller.connections.pop().close()
    callee.reply(got, 200, "OK")
    equal(caller.expect_final(request).code, 200, "the answer")


def test_idle_ones_are_closed(env):
    server = make(env, globals_={"tcp_connection_lifetime": 1})
    idle = associated(env, server)
    idle.expect_closed(env)
    await_statistic(server, "closed_idle", 1)


def test_most_from_one_address(env):
    server = make(env, globals_={"tcp_max_connections_per_source": 2})
    kept = [associated(env, server) for _ in range(2)]
    env.associate(server).expect_closed(env, "(the third)")
    server.wait_log("refused: it has tcp_max_connections_per_source")
    for one in kept:
        one.expect_open(env, timeout=0.1)


class Peer:
    """A peer in a process of its own, which can be killed: it takes associations and messages, and says nothing."""

    CODE = """
import socket, sys
listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, int(sys.argv[1]))
listener.bind((sys.argv[2], 0))
listener.listen(8)
print(listener.getsockname()[1], flush=True)
while True:
    one = listener.accept()[0]
    while one.recv(65536):
        print("message", flush=True)
"""

    def __init__(self, env, ip):
        self.process = env.spawn(["python3", "-c", self.CODE, str(IPPROTO_SCTP), ip], stdout=subprocess.PIPE, text=True)
        self.address = (ip, int(self.process.stdout.readline()))
        self.uri = f"sip:peer@{ip}:{self.address[1]};transport=sctp"

    def expect_message(self, env):
        equal(self.process.stdout.readline(), "message\n", "what the peer says")

    def kill(self):
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()


def test_peer_killed(env):
    """It is noticed at once; what is sent to it afterwards is refused at once."""
    server, caller, peer = make(env), env.endpoint("caller"), Peer(env, env.ip)
    with env.alive(server) as alive:
        caller.send(options_to(server, caller, peer.uri), server)
        peer.expect_message(env)
        equal(len(listed(server)), 1, "associations")
        peer.kill()
        await_statistic(server, "connections", 0)
        equal(listed(server), [], "what is left of it")
        equal(caller.transact(options_to(server, caller, peer.uri), server).code, 503, "the next request")
        alive.check()


def test_peer_out_of_reach(env):
    """What it has not acknowledged when the kernel gives up has failed, and the script goes on with the next."""
    if not in_guest():
        env.skip("takes an address away from the loopback: only in a guest kernel")
    home, ip = "10.20.30.1", "10.20.30.40"  # SCTP does not leave a 127.0.0.0/8 for an address outside
    for one in (home, ip):
        subprocess.run(["ip", "address", "add", one + "/32", "dev", "lo"], check=True)
    server = make(env, sockets=[home], globals_={"sctp_srto_min": 50, "sctp_srto_initial": 100, "sctp_srto_max": 100,
                                                "sctp_asocmaxrxt": 3, "sctp_pathmaxrxt": 1})
    caller, second, peer = env.endpoint("caller", home), env.endpoint("second", home), Peer(env, ip)
    with env.alive(server, home) as alive:
        caller.send(options_to(server, caller, peer.uri), server)
        peer.expect_message(env)
        subprocess.run(["ip", "address", "delete", ip + "/32", "dev", "lo"], check=True)
        lost = [caller.send(options_to(server, caller, peer.uri, second.uri()), server) for _ in range(3)]
        for _ in lost:
            second.reply(second.expect("OPTIONS", "(the next target)"), 200, "OK")
        for request in lost:
            equal(caller.expect_final(request).code, 200, "the answer of the next target")
        server.wait_log("sctp association with 10.20.30.40:[0-9]+: its address 10.20.30.40 is unreachable")
        server.wait_log("sctp association with 10.20.30.40:[0-9]+ is lost")
        check(statistic(server, "send_errors") >= len(lost), "they are counted")
        alive.check()


def test_addresses_of_two_protocols(env):
    """One port of TCP and of SCTP: two sockets, and a connection of one is none of the other."""
    server = make(env, transports=("udp", "tcp", "sctp"))
    caller = env.endpoint("caller")
    tcp = env.tcp_endpoint("callee")
    sctp = env.sctp_endpoint("callee", port=tcp.port)
    for callee in (tcp, sctp):
        request = caller.send(options_to(server, caller, callee.uri()), server)
        callee.reply(callee.expect("OPTIONS"), 200, "OK")
        equal(caller.expect_final(request).code, 200, "the answer")


def test_port_in_use(env):
    server = make(env)
    again = make(env, start=False, port=server.address[1], transports=("sctp",))
    check(again.run_to_end() > 0 and "sctp:" in again.log() and "in use" in again.log().lower(),
          f"it said: {again.last_line()}")
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, IPPROTO_SCTP) as probe:
        probe.connect(server.address)  # the first still has it
