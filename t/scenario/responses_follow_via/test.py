"""Responses go where RFC 3261 18.2.2 and RFC 3581 say, from the address that the request came to."""
from harness import equal
from harness.message import param_of


def ask(env, via, listener=None):
    """An OPTIONS with that Via, sent by one endpoint; the answer arrives at `listener`. Returns it."""
    server, sender = env.server(), env.endpoint("sender")
    listener = listener(env) if listener else sender
    request = sender.request("OPTIONS", server.uri).set("Via", via(sender, listener))
    sender.send(request, server)
    final = listener.expect(404)
    equal(final.source, server.address, "where the answer comes from")
    return sender, final.get("Via")


def test_to_the_port_in_via(env):
    """Without rport the port of the Via counts, not the one it came from."""
    ask(env, lambda _, listener: f"SIP/2.0/UDP {listener.hostport};branch=z9hG4bKa", lambda e: e.endpoint("listener"))


def test_rport(env):
    sender, via = ask(env, lambda s, _: f"SIP/2.0/UDP {s.ip}:9;rport;branch=z9hG4bKb;x=y")
    equal((param_of(via, "rport"), param_of(via, "x")), (str(sender.port), "y"), "rport, and another parameter")


def test_received(env):
    """The host is not where it came from: `received` tells, and the answer goes there."""
    sender, via = ask(env, lambda s, _: f"SIP/2.0/UDP 192.0.2.1:{s.port};branch=z9hG4bKc")
    equal(param_of(via, "received"), sender.ip, "received")


def test_host_name_in_via(env):
    sender, via = ask(env, lambda s, _: f"SIP/2.0/UDP pc33.example.org:{s.port};rport;branch=z9hG4bKd")
    equal(param_of(via, "received"), sender.ip, "received")


def test_a_liar(env):
    """What the sender wrote into received and rport is overwritten."""
    sender, via = ask(env, lambda s, _: f"SIP/2.0/UDP 192.0.2.1:9;received=192.0.2.3;rport=7;branch=z9hG4bKe")
    equal((param_of(via, "received"), param_of(via, "rport")), (sender.ip, str(sender.port)), "received and rport")


def test_two_sockets(env):
    """The answer comes from the socket that was asked."""
    server, sender = env.server(sockets=[env.ip, env.ip]), env.endpoint("sender")
    for address in server.addresses:
        final = sender.transact(sender.request("OPTIONS", server.uri), address)
        equal(final.source, address, "where the answer comes from")
