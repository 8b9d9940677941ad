"""A domain that is reached by TLS: its servers are found by name, and show a certificate of the domain (RFC 5922 7.2), which
is the name that was asked for, not that of the host behind it."""
from harness import Nsd, Stream, equal, name_servers

DOMAIN = "voice.example"


def make(env, records, **more):
    """A server that trusts the CA it comes with, and finds the records."""
    ca = env.authority()
    own = ca.issue("server", f"IP:{env.ip}")
    tls = [("certificate", own.certificate), ("private_key", own.key), ("ca_list", ca.ca), ("require_cert", 0)]
    names = Nsd(env, DOMAIN, records + f"\nhost A {env.ip}")
    return env.server(globals_=name_servers(names), transports=("udp", "tcp"), tls=tls, **more), ca


def answer(env, server, uri, *callees):
    """The code, and which of them were asked."""
    caller, asked = env.endpoint("caller"), []
    request = caller.request("OPTIONS", f"sip:x@{server.hostport}", headers=[("X-Target", uri)])
    caller.send(request, server)
    for callee in callees:
        got = callee.maybe("OPTIONS", 2)
        if got:
            asked.append(callee.name)
            callee.reply(got, 200, "OK")
    return caller.expect_final(request, 20).code, asked


def test_certificate_is_of_the_domain(env):
    port = env.port()
    server, ca = make(env, f"_sips._tcp SRV 0 0 {port} host\n@ NAPTR 1 1 \"s\" \"SIPS+D2T\" \"\" _sips._tcp")
    for names, code in (((f"DNS:{DOMAIN}",), 200), ((f"URI:sip:{DOMAIN}",), 200), ((f"DNS:host.{DOMAIN}",), 503),
                        ((f"IP:{env.ip}",), 503), ((f"DNS:*.{DOMAIN}",), 503)):
        for uri in (f"sips:bob@{DOMAIN}", f"sip:bob@{DOMAIN};transport=tls"):
            shown = env.tls_endpoint("callee", port=port, own=ca.issue(f"c{code}", *names))
            equal(answer(env, server, uri, shown)[0], code, f"{uri} with a certificate for {names}")
            shown.close()
            with Stream(server.control_socket) as control:
                control.call("dns:flush")


def test_next_server_when_one_shows_a_certificate_of_another(env):
    first, second = env.port(), env.port()
    server, ca = make(env, f"_sips._tcp SRV 1 0 {first} host\n_sips._tcp SRV 2 0 {second} host")
    wrong = env.tls_endpoint("wrong", port=first, own=ca.issue("wrong", "DNS:other.example"))
    right = env.tls_endpoint("right", port=second, own=ca.issue("right", f"DNS:{DOMAIN}"))
    equal(answer(env, server, f"sips:bob@{DOMAIN}", wrong, right), (200, ["right"]), "the answer, and whose it is")
