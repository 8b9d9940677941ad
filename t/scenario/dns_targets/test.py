"""Where a name leads to (RFC 3263 4), by a name server that operators run: NAPTR, SRV, addresses, aliases, hosts."""
from harness import CalledSide, Call, Nsd, Stream, equal, establish, hang_up, name_servers

ZONE = "voice.example"


def statistic(server, name):
    with Stream(server.control_socket) as control:
        return control.call("get_statistics", [[name]])["result"].get(name, 0)


def call_to(env, server, callee, uri):
    """A whole call; BYE too, which goes to the callee's Contact."""
    caller = env.endpoint("caller")
    hang_up(*establish(caller, callee, server, f"sip:x@{server.hostport}", [("X-Target", uri)]))
    caller.close()


def test_naptr_srv_and_address(env):
    callee, decoy = env.endpoint("callee"), env.endpoint("decoy")
    names = Nsd(env, ZONE, f"""
@ NAPTR 20 10 "s" "SIP+D2U" "" _sip._udp.decoy
@ NAPTR 10 10 "s" "SIP+D2U" "" _sip._udp.front
@ NAPTR 5 10 "s" "SIP+D2X" "" _sip._udp.decoy
_sip._udp.front SRV 10 1 {callee.port} host
_sip._udp.front SRV 20 1 {decoy.port} host
_sip._udp.decoy SRV 1 1 {decoy.port} host
host A {env.ip}""")
    server = env.server(globals_=name_servers(names))
    with env.alive(server):
        for _ in range(3):
            call_to(env, server, callee, f"sip:bob@{ZONE}")
    decoy.expect_silence()


def test_srv_without_naptr_and_transport_that_is_asked_for(env):
    udp, tcp = env.endpoint("udp"), env.tcp_endpoint("tcp")
    names = Nsd(env, ZONE, f"""
_sip._udp SRV 0 0 {udp.port} host
_sip._tcp SRV 0 0 {tcp.port} host
host A {env.ip}""")
    server = env.server(globals_=name_servers(names), transports=("udp", "tcp"))
    call_to(env, server, udp, f"sip:bob@{ZONE}")
    call_to(env, server, tcp, f"sip:bob@{ZONE};transport=tcp")


def test_port_means_an_address_and_an_alias_is_followed(env):
    callee = env.endpoint("callee")
    names = Nsd(env, ZONE, f"""
_sip._udp.host SRV 0 0 1 nowhere
www CNAME host
host A {env.ip}""")
    server = env.server(globals_=name_servers(names))
    call_to(env, server, callee, f"sip:bob@host.{ZONE}:{callee.port}")
    call_to(env, server, callee, f"sip:bob@WWW.{ZONE}:{callee.port}")


def test_weights_are_chances(env):
    heavy, light = env.endpoint("heavy"), env.endpoint("light")
    names = Nsd(env, ZONE, f"""
_sip._udp SRV 1 90 {heavy.port} host
_sip._udp SRV 1 10 {light.port} host
host A {env.ip}""")
    server, caller = env.server(globals_=name_servers(names)), env.endpoint("caller")
    count = 200
    for _ in range(count):
        caller.send(caller.request("OPTIONS", f"sip:x@{server.hostport}", headers=[("X-Target", f"sip:bob@{ZONE}")]),
                    server)
    got = {endpoint.name: len({m.call_id for m in endpoint.drain(1.0)}) for endpoint in (heavy, light)}
    equal(got["heavy"] + got["light"], count, "requests that came")
    # 20 are the light one's by right; out of 4 to 50 is once in a hundred thousand runs.
    if not 4 <= got["light"] <= 50:
        env.fail(f"by weights of 90 and 10: {got}")


def test_ipv6_address(env):
    if not env.has_ipv6():
        env.skip("no IPv6 here")
    callee = env.endpoint("callee", "::1")
    names = Nsd(env, ZONE, "host AAAA ::1")
    server = env.server(globals_=name_servers(names), sockets=[env.ip, "::1"])
    caller = env.endpoint("caller")
    Call(caller, server, f"sip:x@{server.hostport}",
         headers=[("X-Target", f"sip:bob@host.{ZONE}:{callee.port}")]).start()
    CalledSide.expect(callee).refuse(486, "Busy Here")


def test_hosts_file_goes_first(env):
    callee = env.endpoint("callee")
    (env.directory / "hosts").write_text(f"# of the test\n{env.ip}\tPhone.{ZONE} phone # mine\n")
    names = Nsd(env, ZONE, "phone A 192.0.2.1")
    server = env.server(globals_={**name_servers(names), "dns_hosts_file": f'"{env.directory}/hosts"'})
    call_to(env, server, callee, f"sip:bob@phone.{ZONE}:{callee.port}")
    call_to(env, server, callee, f"sip:bob@phone:{callee.port}")


def test_requests_inside_a_dialog_go_to_names(env):
    """The callee's Contact is a name: ACK, BYE and what else comes to the dialog find it."""
    caller, callee = env.endpoint("caller"), env.endpoint("callee")
    names = Nsd(env, ZONE, f"phone A {env.ip}")
    server = env.server(globals_=name_servers(names))
    callee.uri = lambda user=None: f"sip:{user or 'bob'}@phone.{ZONE}:{callee.port}"
    call, called = establish(caller, callee, server, f"sip:x@{server.hostport}", [("X-Target", callee.uri())])
    equal(call.dialog.target, callee.uri(), "the remote target")
    hang_up(call, called)


def test_name_that_is_not_there_is_503_and_believed(env):
    names = Nsd(env, ZONE, "host A 192.0.2.1", negative_ttl=30)
    server, caller = env.server(globals_=name_servers(names), workers=1), env.endpoint("caller")
    with env.alive(server):
        for target in (f"sip:bob@nobody.{ZONE}", f"sip:bob@nobody.{ZONE}"):
            Call(caller, server, f"sip:x@{server.hostport}", headers=[("X-Target", target)]).start().fails_with(503)
        server.wait_log(rf"cannot find nobody\.{ZONE}: no such name \(NXDOMAIN\)")
        asked = statistic(server, "net:dns_queries")
        Call(caller, server, f"sip:x@{server.hostport}",
             headers=[("X-Target", f"sip:bob@nobody.{ZONE}")]).start().fails_with(503)
        equal(statistic(server, "net:dns_queries"), asked, "questions, of which none was new")
        with Stream(server.control_socket) as control:
            answers = control.call("dns:cache", [f"nobody.{ZONE}"])["result"]["Answers"]
        equal({a["Type"]: a["Result"] for a in answers}["A"], "no such name (NXDOMAIN)", "what is kept")


def test_service_that_is_not_there_is_not_guessed(env):
    names = Nsd(env, ZONE, f"_sip._udp SRV 0 0 0 .\n@ A {env.ip}")
    server, caller = env.server(globals_=name_servers(names)), env.endpoint("caller")
    Call(caller, server, f"sip:x@{server.hostport}", headers=[("X-Target", f"sip:bob@{ZONE}")]).start().fails_with(503)
    server.wait_log(rf"cannot find {ZONE}: its SRV record says that there is no such service")
