"""Which certificate is shown to whom, whose certificate is taken, what a script sees of it, and how all of it is
changed while connections stand."""
import pathlib
import shutil
import ssl

from harness import Stream, check, equal, establish
from harness.call import hang_up
from harness.tls import TlsConnection, client_context

PING = b"\r\n\r\n"


def server_side(own, domain=None, **more):
    """The parameters of a domain."""
    to = f"[{domain}]" if domain else ""
    values = {"certificate": own.certificate, "private_key": own.key, **more}
    first = [("server_domain", domain)] if domain else []
    return first + [(name, f"{to}{value}") for name, value in values.items()]


def make(env, tls, **options):
    options.setdefault("transports", ("udp", "tcp"))
    return env.server(options.pop("script", "whoami.lua"), tls=tls, **options)


def command(server, name):
    with Stream(server.control_socket) as control:
        return control.call(name)


def statistics(server):
    with Stream(server.control_socket) as control:
        found = control.call("get_statistics", {"statistics": ["net:"]})["result"]
    return {name.removeprefix("net:"): int(value) for name, value in found.items()}


def whoami(env, server, **options):
    """What the script knows of a client with that context."""
    peer = env.tls_connect(server, **options)
    asked = env.endpoint().request("OPTIONS", f"sip:me@{server.hostport}").bytes().replace(b"/UDP", b"/TLS")
    peer.send(asked)
    answer = peer.expect(env, 200)
    return dict(line.split("=", 1) for line in answer.body.decode().splitlines())


def shown_to(env, server, ca, name):
    """The common name in the certificate that a client gets which asks for that name."""
    peer = env.tls_connect(server, context=client_context(ca.ca), server_name=name)
    return dict(pair[0] for pair in peer.socket.getpeercert()["subject"])["commonName"]


def test_certificate_by_server_name(env):
    """The most specific name counts; a client without one gets the domain that is for those."""
    ca = env.authority()
    tls = []
    for domain, names in (("one", "one.example"), ("wild", "*.example, wild.test"), ("nobody", "none")):
        tls += server_side(ca.issue(domain, f"DNS:{domain}"), domain, match_sip_domain=names, require_cert=0)
    server = make(env, tls)
    for name, wanted in (("one.example", "one"), ("ONE.EXAMPLE", "one"), ("two.example", "wild"), ("wild.test", "wild"),
                         ("a.b.example", "wild"), (None, "nobody")):
        equal(shown_to(env, server, ca, name), wanted, f"who answers as {name}")


def test_certificate_by_address(env):
    ca = env.authority()
    tls = server_side(ca.issue("other", "DNS:x"), "other", match_ip_address="192.0.2.1:5061", require_cert=0)
    tls += server_side(ca.issue("any", "DNS:x"), "any", require_cert=0)
    tls += server_side(ca.issue("here", "DNS:x"), "here", match_ip_address=f"192.0.2.2, {env.ip}", require_cert=0)
    server = make(env, tls)
    equal(shown_to(env, server, ca, None), "here", "who answers at that address")


def test_each_domain_has_its_own_demands(env):
    """Versions and client certificates are those of the domain that the name leads to, not of the first one."""
    ca = env.authority()
    own = ca.issue("server", "DNS:x")
    tls = server_side(own, "open", match_sip_domain="open.example", require_cert=0, tls_method="TLSv1_2")
    tls += server_side(own, "strict", match_sip_domain="strict.example", ca_list=ca.ca, tls_method="TLSv1_3")
    server = make(env, tls)
    good = client_context(own=ca.issue("client", "DNS:client"))
    equal(whoami(env, server, server_name="open.example")["version"], "TLSv1.2", "the version of the open one")
    equal(whoami(env, server, server_name="strict.example", context=good)["version"], "TLSv1.3", "the strict one's")
    try:
        peer = TlsConnection.to(server.tls_address, env.ip, None, "strict.example")
        peer.expect_closed(env, "(no certificate)")
    except ssl.SSLError:
        pass


def test_script_sees_the_peer(env):
    ca = env.authority()
    server = make(env, server_side(ca.issue("server", "DNS:x"), ca_list=ca.ca, require_cert=0), workers=3)
    nobody = whoami(env, server, server_name="sip.example.com")
    equal((nobody["has_certificate"], nobody["server_name"], "subject" in nobody), ("false", "sip.example.com", False),
          "a client without a certificate")
    own = ca.issue("alice", "DNS:alice.example", "URI:sip:alice.example", "IP:192.0.2.7", "email:a@alice.example")
    for _ in range(4):  # its connection may be another worker's than its call
        alice = whoami(env, server, context=client_context(own=own))
        wanted = {"has_certificate": "true", "verified": "true", "subject": "CN=alice,O=Test", "common_name": "alice",
                  "issuer": "CN=test CA", "san_uri": "sip:alice.example", "san_hostname": "alice.example",
                  "san_ip": "192.0.2.7", "san_email": "a@alice.example", "version": "TLSv1.3"}
        equal({name: alice.get(name) for name in wanted}, wanted, "a client with one")
    check(int(alice["not_after"]) > int(alice["not_before"]) > 0, "when it is good")
    plain = env.endpoint()
    equal(plain.transact(plain.request("OPTIONS", f"sip:me@{server.hostport}"), server).code, 404, "by UDP")


def call_to(env, server, callee):
    """What becomes of a request to that TLS callee: the code."""
    caller = env.endpoint("caller")
    request = caller.request("OPTIONS", f"sip:x@{server.hostport}", headers=[("X-Target", callee.uri())])
    caller.send(request, server)
    got = callee.maybe("OPTIONS", 2)
    if got:
        callee.reply(got, 200, "OK")
    return caller.expect_final(request).code


def test_servers_are_verified(env):
    """RFC 5922: by the CA, and by its name, which for an address is one of its addresses."""
    ca, stranger = env.authority(), env.authority("stranger")
    own = ca.issue("server", f"IP:{env.ip}")
    server = make(env, server_side(own, ca_list=ca.ca, require_cert=0))
    for certificate, code, reason in (
            (ca.issue("right", f"IP:{env.ip}"), 200, None),
            (ca.issue("uri", f"URI:sip:{env.ip}", "DNS:other"), 200, None),
            (ca.issue("cn", common_name=env.ip), 200, None),
            (ca.issue("wrong", "DNS:other.example", "IP:192.0.2.1", common_name=env.ip), 503, "name"),
            (ca.issue("uri-wrong", "URI:sip:other.example", f"IP:{env.ip}"), 503, "name"),
            (ca.issue("user", f"URI:sip:alice@{env.ip}", "DNS:x"), 503, "name"),
            (ca.issue("late", f"IP:{env.ip}", days=-1), 503, "certificate"),
            (stranger.issue("stranger", f"IP:{env.ip}"), 503, "certificate")):
        before = statistics(server)
        callee = env.tls_endpoint("callee", own=certificate)
        equal(call_to(env, server, callee), code, f"the answer with {certificate.certificate}")
        for one in ("name", "certificate"):
            name = f"tls_handshake_failed_{one}"
            equal(statistics(server)[name] - before[name], int(one == reason), f"{name}: {certificate.certificate}")


def test_revoked_certificates_are_refused(env):
    """By the list in crl_dir, clients and servers alike; one that appears there counts from the next reload on."""
    ca = env.authority()
    own = ca.issue("server", f"IP:{env.ip}")
    good, bad = (ca.issue(name, f"IP:{env.ip}") for name in ("good", "bad"))
    lists = pathlib.Path(shutil.copytree(ca.revoke(), env.directory / "lists"))
    server = make(env, server_side(own, ca_list=ca.ca, crl_dir=str(lists), tls_method="TLSv1_2"))
    for certificate in (good, bad):
        equal(whoami(env, server, context=client_context(own=certificate))["verified"], "true", "before")
    for file in pathlib.Path(ca.revoke(bad)).glob("*.r0"):
        shutil.copy(file, lists)
    equal(command(server, "tls_mgm:reload")["result"], "OK", "the reload")
    equal(whoami(env, server, context=client_context(own=good))["verified"], "true", "who is not on the list")
    try:
        env.tls_connect(server, context=client_context(own=bad)).expect_closed(env, "(revoked)")
    except ssl.SSLError:
        pass
    for certificate, code in ((good, 200), (bad, 503)):
        equal(call_to(env, server, env.tls_endpoint("callee", own=certificate)), code, certificate.certificate)


def test_verification_may_be_left_out(env):
    ca, stranger = env.authority(), env.authority("stranger")
    tls = server_side(ca.issue("server", "DNS:x"), "front", require_cert=0)
    tls += [("client_domain", "out"), ("ca_list", f"[out]{ca.ca}"), ("verify_hostname", "[out]0")]
    server = make(env, tls)
    equal(call_to(env, server, env.tls_endpoint("callee", own=ca.issue("other", "DNS:other"))), 200, "another's name")
    equal(call_to(env, server, env.tls_endpoint("callee", own=stranger.issue("s", "DNS:x"))), 503, "another's CA")
    tls += [("verify_cert", "[out]0")]
    server = make(env, tls)
    equal(call_to(env, server, env.tls_endpoint("callee", own=stranger.issue("t", "DNS:x"))), 200, "anything goes")


def test_client_domains_show_their_certificate(env):
    """By the address called; a server that wants to see one gets the right one."""
    ca = env.authority()
    right, wrong = env.tls_endpoint("right", own=ca.issue("a", f"IP:{env.ip}"), ca=ca.ca), env.authority("wrong")
    tls = server_side(ca.issue("server", "DNS:x"), "front", require_cert=0)
    tls += [("client_domain", "here"), ("match_ip_address", f"[here]{right.hostport}"), ("ca_list", f"[here]{ca.ca}")]
    mine = ca.issue("mine", "DNS:mine")
    tls += [("certificate", f"[here]{mine.certificate}"), ("private_key", f"[here]{mine.key}")]
    other = wrong.issue("other", "DNS:other")
    # With TLS 1.3 a client is done before its certificate is looked at.
    tls += [("client_domain", "elsewhere"), ("ca_list", f"[elsewhere]{ca.ca}"), ("tls_method", "[elsewhere]TLSv1_2")]
    tls += [("certificate", f"[elsewhere]{other.certificate}"), ("private_key", f"[elsewhere]{other.key}")]
    server = make(env, tls)
    equal(call_to(env, server, right), 200, "with the certificate of the domain for that address")
    elsewhere = env.tls_endpoint("elsewhere", own=ca.issue("b", f"IP:{env.ip}"), ca=ca.ca)
    equal(call_to(env, server, elsewhere), 503, "with the one that it does not know")


def test_reload(env):
    """New connections get the new certificate, old ones go on with their calls; a bad file changes nothing."""
    ca = env.authority()
    first, second = ca.issue("first", "DNS:x"), ca.issue("second", "DNS:x")
    live = pathlib.Path(env.directory / "live.pem"), pathlib.Path(env.directory / "live.key")

    def install(certificate, key):
        shutil.copy(certificate.certificate, live[0])
        shutil.copy(key.key, live[1])

    install(first, first)
    tls = [("certificate", str(live[0])), ("private_key", str(live[1])), ("ca_list", ca.ca), ("require_cert", "0"),
           ("verify_hostname", "0")]
    server = make(env, tls)
    caller, callee = env.tls_endpoint("caller", own=first), env.endpoint("callee")
    call, called = establish(caller, callee, server.tls_address, f"sip:callee@{server.hostport}",
                             [("X-Target", callee.uri())])
    equal(shown_to(env, server, ca, None), "first", "the certificate at the start")
    install(second, first)
    for name in ("tls_mgm:reload", "tls_reload"):
        error = command(server, name)["error"]
        text = f"{error['message']} {error.get('data', '')}"
        check(f"{server.config_path}:" in text and "is not the key of" in text, f"why it fails: {error}")
    equal(shown_to(env, server, ca, None), "first", "the certificate after a reload that failed")
    install(second, second)
    equal(command(server, "tls_mgm:reload")["result"], "OK", "the reload")
    equal(shown_to(env, server, ca, None), "second", "the certificate after it")
    hang_up(call, called)
    equal(len(caller.connections), 1, "connections of the call")
    domains = {one["Type"]: one for one in command(server, "tls_list")["result"]["Domains"]}
    check("CN=second" in domains["TLS_DOMAIN_SRV"]["Certificate"]["Subject"], f"what the list says: {domains}")
    equal(set(domains), {"TLS_DOMAIN_SRV", "TLS_DOMAIN_CLI"}, "kinds of domains")


def test_sessions_are_resumed_by_any_worker(env):
    ca = env.authority()
    server = make(env, server_side(ca.issue("server", "DNS:x"), require_cert=0), workers=4)
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context = client_context(highest=version)
        peer = env.tls_connect(server, context=context)
        peer.send(PING)
        peer.expect_bytes(env, b"\r\n")  # a ticket of TLS 1.3 comes behind the handshake
        session = peer.socket.session
        for _ in range(8):
            again = env.tls_connect(server, context=context, session=session)
            check(again.socket.session_reused, f"{version}: the session is taken up again")
        command(server, "tls_mgm:reload")
        again = env.tls_connect(server, context=context, session=session)
        check(not again.socket.session_reused, f"{version}: after a reload it is not")
