"""A phone behind a NAT registers, calls and is called, and hangs up and is hung up on, though all it says of its address is
good for nobody."""
import time

from harness import Call, CalledSide, NatNetwork, Stream, check, equal, establish, statistics, wait_for_statistic
from harness.call import hang_up

LIMIT = 120


def opened(env, network, **options):
    return env.server("open_users.lua", sockets=[network.server_ip], **options)


def register(phone, server, expires=600):
    request = phone.request("REGISTER", server.uri, f"sip:{phone.name}@{server.hostport}")
    request.set("From", f"<sip:{phone.name}@{server.hostport}>;tag=r{phone.port}").add("Expires", str(expires))
    final = phone.transact(request, server)
    equal(final.code, 200, "REGISTER")


def test_calls_both_ways(env):
    network = NatNetwork(env)
    server = opened(env, network)
    phone, other = network.endpoint(), env.endpoint("other", network.server_ip)
    register(phone, server)
    register(other, server)
    for leaver in (0, 1):
        for caller, callee in ((phone, other), (other, phone)):
            sides = establish(caller, callee, server, f"sip:{callee.name}@{server.hostport}")
            # Nothing of what the phone said was changed for the other side.
            invite = sides[1].invite
            equal(invite.get("Contact"), f"<{caller.uri()}>", "the Contact as it was sent")
            hang_up(sides[leaver], sides[1 - leaver])
    check(statistics(server, "nathelper:natted_requests")[0] >= 4, "calls with a NAT")


def test_a_dialog_outlives_a_restart(env):
    network = NatNetwork(env)
    key = {"mac_key_file": f'"{env.directory / "mac.key"}"'}
    server = opened(env, network, globals_=key)
    phone, other = network.endpoint(), env.endpoint("other", network.server_ip)
    register(other, server)
    call, called = establish(phone, other, server, f"sip:other@{server.hostport}")
    server.stop()
    opened(env, network, globals_=key, port=server.address[1])
    hang_up(called, call)


def test_the_layer_can_be_switched_off(env):
    network = NatNetwork(env)
    server = opened(env, network)
    phone, other = network.endpoint(), env.endpoint("other", network.server_ip)
    register(other, server)
    with Stream(server.control_socket) as client:
        equal(client.call("layer:disable", ["nat"])["result"], "OK", "layer:disable")
        equal(client.call("layer:disable", ["dialog"])["error"]["code"], 404, "a layer that is always there")
        Call(phone, server, f"sip:other@{server.hostport}").start()
        invite = CalledSide.expect(other).invite
        equal(len(invite.lines("Record-Route")), 1, "one Record-Route, which names nobody")
        other.reply(invite, 486)
        equal(client.call("layer:enable", ["nat"])["result"], "OK", "layer:enable")
        equal([layer["enabled"] for layer in client.call("layer:list")["result"]["Layers"]], [True] * 3, "all are on")
    sides = establish(phone, other, server, f"sip:other@{server.hostport}")
    hang_up(sides[1], sides[0])


def test_a_way_is_kept_open(env):
    """The NAT forgets after 2 s; with a ping each second the phone can be called all the same."""
    network = NatNetwork(env, idle=2)
    server = opened(env, network, modparams=[("nathelper", "natping_interval", 1)])
    phone, other = network.endpoint(), env.endpoint("other", network.server_ip)
    register(phone, server)
    phone.socket.settimeout(10)
    for _ in range(5):
        equal(phone.socket.recv(65536), b"\r\n\r\n", "a ping")
    sides = establish(other, phone, server, f"sip:phone@{server.hostport}")
    hang_up(*sides)


def test_without_pings_the_nat_forgets(env):
    network = NatNetwork(env, idle=2)
    server = opened(env, network, modparams=[("nathelper", "natping_interval", 0)])
    phone, other = network.endpoint(), env.endpoint("other", network.server_ip)
    register(phone, server)
    phone.socket.settimeout(1)
    for _ in range(5):
        time.sleep(3)  # longer than the NAT remembers; what comes through makes it remember again
        Call(other, server, f"sip:phone@{server.hostport}").start()
        try:
            phone.socket.recv(65536)
        except TimeoutError:
            return
    env.fail("the NAT forgets nothing")


def test_a_phone_that_answers_no_more_is_dropped(env):
    network = NatNetwork(env)
    server = opened(env, network, modparams=[("nathelper", "natping_interval", 1), ("nathelper", "max_pings_lost", 2),
                                              ("nathelper", "sipping_from", "sip:ping@example.com")])
    phone = network.endpoint()
    register(phone, server)
    for _ in range(3):
        ping = phone.expect("OPTIONS")
        equal(ping.uri, phone.uri(), "the Request-URI of a ping")
        phone.reply(ping, 200)
    equal(statistics(server, "usrloc:location-contacts"), [1], "it is registered")
    phone.close()
    wait_for_statistic(env, server, "usrloc:location-contacts", 0)
    equal(statistics(server, "nathelper:dropped_contacts"), [1], "dropped")
