"""What registrars and phones agree on beyond RFC 3261: Path, flows of one device, GRUUs, methods."""
import re

from harness import Call, CalledSide, SqliteFile, check, equal, wait_for_statistic
from harness.message import SDP
from location_sql.kept import Kept

SCRIPT = """
local sip = require "sip"
sip.on_request(function(req)
  if req.method == "REGISTER" then return req:save_location { path = "strict" } end
  local groups, err = sip.location:lookup(req, { method = req.method })
  if not groups then return req:reply(err == "method not allowed" and 405 or 404) end
  for _, targets in ipairs(groups) do
    local answer = req:fork(targets)
    if answer and answer.code ~= 430 then return answer:forward() end
  end
end)
"""


def registered(phone, server, contact, headers):
    request = phone.request("REGISTER", server.uri, f"sip:alice@{server.address[0]}", headers).set("Contact", contact)
    return phone.transact(request, server)


def test_path(env):
    """The call takes the way that the REGISTER came, and the Request-URI is the phone's."""
    server = env.server(SCRIPT)
    edge, caller = env.endpoint("edge"), env.endpoint("caller")
    path = f"<sip:token@{edge.hostport};lr>"
    refused = registered(edge, server, "<sip:alice@192.0.2.1>", [("Path", path)])
    equal((refused.code, refused.get("Unsupported")), (420, "path"), "without the option tag")
    answer = registered(edge, server, "<sip:alice@192.0.2.1>",
                        [("Path", path), ("Path", "<sip:first.example.com;lr>"), ("Supported", "path")])
    equal((answer.code, answer.all("Path")), (200, [path, "<sip:first.example.com;lr>"]), "REGISTER")
    call = Call(caller, server, f"sip:alice@{env.ip}").start()
    called = CalledSide.expect(edge)
    equal(called.invite.uri, "sip:alice@192.0.2.1", "the Request-URI")
    equal(called.invite.all("Route"), [path, "<sip:first.example.com;lr>"], "Route")
    called.refuse(486)
    call.fails_with(486)


def test_path_outlives_a_restart(env):
    kept = Kept(env)
    edge = env.endpoint("edge")
    path = f"<sip:{edge.hostport};lr>"
    kept.register("alice", "<sip:alice@192.0.2.1>;methods=\"INVITE\"", Path=path)
    kept.restart()
    call = Call(env.endpoint("caller"), kept.server, f"sip:alice@{env.ip}").start()
    called = CalledSide.expect(edge)
    equal(called.invite.all("Route"), [path], "Route")
    called.refuse(486)
    call.fails_with(486)
    kept.await_loaded()
    equal([contact["Methods"] for contact in kept.contacts().values()], [1], "Methods")


def test_flows_of_one_device(env):
    """One is tried after the other, the newest first; a new one takes the place of the old."""
    server = env.server(SCRIPT, modparams=[("registrar", "disable_gruu", 0)])
    flows, caller = [env.endpoint(f"flow{i}") for i in range(2)], env.endpoint("caller")

    def register(flow, reg_id):
        answer = registered(flow, server, f'<{flow.uri("alice")}>;+sip.instance="<urn:uuid:1>";reg-id={reg_id}',
                            [("Supported", "outbound, path, gruu")])
        equal((answer.code, answer.get("Require")), (200, "outbound"), "REGISTER")
        return answer

    register(flows[0], 1)
    answer = register(flows[1], 2)
    equal(len(answer.all("Contact")), 2, "contacts")
    gruu = f"sip:alice@{env.ip};gr=urn:uuid:1"
    check(all(f'pub-gruu="{gruu}"' in one for one in answer.all("Contact")), answer.all("Contact"))
    call = Call(caller, server, gruu).start()
    CalledSide.expect(flows[1]).refuse(430)
    CalledSide.expect(flows[0]).refuse(486)
    call.fails_with(486)
    again = env.endpoint("again")
    equal(len(register(again, 2).all("Contact")), 2, "contacts")
    call = Call(caller, server, f"sip:alice@{env.ip}").start()
    CalledSide.expect(again).refuse(486)
    call.fails_with(486)
    flows[1].expect_silence("INVITE")
    Call(caller, server, f"sip:alice@{env.ip};gr=urn:uuid:2").start().fails_with(404)


def test_flows_that_are_required(env):
    """Who has none is told what is missing; who has one, how often to keep it alive."""
    server = env.server(SCRIPT, modparams=[("registrar", "outbound_mode", 2), ("registrar", "flow_timer", 120)])
    phone = env.endpoint("phone")
    contact = f'<{phone.uri("alice")}>;+sip.instance="<urn:uuid:1>";reg-id=1'
    answer = registered(phone, server, contact, [])
    equal((answer.code, answer.get("Require"), answer.get("Supported")), (421, "outbound", "outbound"), "REGISTER")
    answer = registered(phone, server, contact, [("Supported", "outbound")])
    equal((answer.code, answer.get("Require"), answer.get("Flow-Timer")), (200, "outbound", "120"), "REGISTER")


def test_methods(env):
    server = env.server(SCRIPT)
    phone, caller = env.endpoint("phone"), env.endpoint("caller")
    equal(registered(phone, server, f'<{phone.uri("alice")}>;methods="INVITE,BYE"', []).code, 200, "REGISTER")
    message = caller.request("MESSAGE", f"sip:alice@{env.ip}", f"sip:alice@{env.ip}")
    equal(caller.transact(message, server).code, 405, "MESSAGE")
    call = Call(caller, server, f"sip:alice@{env.ip}").start()
    CalledSide.expect(phone).refuse(486)
    call.fails_with(486)


def test_requests_inside_a_call_find_the_device(env):
    """A GRUU means where the device is now, over its flow; a temporary one as long as it registers as it did."""
    server = env.server(SCRIPT, modparams=[("registrar", "disable_gruu", 0)])
    places, caller = [env.endpoint(f"alice{i}") for i in range(2)], env.endpoint("caller")
    hidden = "sip:alice@10.1.2.3:5060"
    cseq = 0

    def register(phone, contact=hidden, call_id="alice", expires=600):
        nonlocal cseq
        cseq += 1
        request = phone.request("REGISTER", server.uri, f"sip:alice@{env.ip}", [("Supported", "gruu")], call_id=call_id)
        request.set("CSeq", f"{cseq} REGISTER").set("Via", phone.via() + ";rport")
        request.set("Contact", f'<{contact}>;+sip.instance="<urn:uuid:1>";expires={expires}')
        answer = phone.transact(request, server)
        equal(answer.code, 200, "REGISTER")
        found = re.search('pub-gruu="([^"]+)";temp-gruu="([^"]+)"', answer.get("Contact") or "")
        return found.groups() if found else answer.all("Contact")

    def call_to(gruu, phone, contact=hidden):
        call = Call(caller, server, gruu).start()
        called = CalledSide.expect(phone)
        equal(called.invite.uri, contact, "the Request-URI")
        phone.reply(called.invite, 200, "OK", called.tag, [("Contact", f"<{gruu}>")], SDP, contact=False)
        call.answered()
        equal(called.expect_ack().uri, contact, "the Request-URI of the ACK")
        return call

    def ended(call, phone, uri=hidden):
        bye = call.dialog.request("BYE")
        call.dialog.send(bye)
        came = phone.expect("BYE")
        equal(came.uri, uri, "the Request-URI of the BYE")
        phone.reply(came, 200)
        equal(caller.expect_final(bye).code, 200, "BYE")

    gruus = register(places[0])
    for gruu in gruus:
        call = call_to(gruu, places[0])
        register(places[1])
        ended(call, places[1])
        register(places[0])
    # Who has gone is still at the other end of the call, where that is known.
    call = call_to(gruus[0], places[0])
    equal(register(places[0], expires=0), [], "contacts")
    ended(call, places[0], gruus[0])
    open_ = places[0].uri("alice")
    gruus = register(places[0], open_)
    call = call_to(gruus[1], places[0], open_)
    equal(register(places[0], open_, expires=0), [], "contacts")
    equal(call.dialog.transact("BYE").code, 480, "BYE")
    # Another Call-ID: it has begun anew.
    register(places[0], call_id="another")
    Call(caller, server, gruus[1]).start().fails_with(404)
    ended(call_to(gruus[0], places[0]), places[0])


def test_clients_over_connections_are_pinged_by_requests(env):
    """Over the connection that they registered by; who has closed it is forgotten."""
    server = env.server(SCRIPT, transports=("udp", "tcp"), modparams=[
        ("nathelper", "natping_interval", 1), ("nathelper", "max_pings_lost", 2), ("nathelper", "sipping_from", "sip:ping@example.com")])
    phone = env.tcp_endpoint("phone")
    contact = "sip:alice@10.1.2.3:5060;transport=tcp"
    equal(registered(phone, server, f"<{contact}>", []).code, 200, "REGISTER")
    for _ in range(3):
        ping = phone.expect("OPTIONS")
        equal(ping.uri, contact, "the Request-URI of a ping")
        phone.reply(ping, 200)
    wait_for_statistic(env, server, "usrloc:location-contacts", 1)
    phone.close()
    wait_for_statistic(env, server, "usrloc:location-contacts", 0)


def test_some_domains_need_no_script(env):
    """The layer registers their users, waiting for the database where there is one; the script has all others."""
    script = SCRIPT.replace('return req:save_location { path = "strict" }', 'return req:reply(403)')
    for database in (None, SqliteFile(env)):
        params = [("registrar", "domains", f"Example.com, {env.ip}")]
        if database:
            params += [("usrloc", "working_mode_preset", "single-instance-sql-write-through"), ("usrloc", "db_url", database.url)]
        server = env.server(script, modules=["db_sqlite"], modparams=params, transports=("udp", "tcp"))
        phone, caller = env.tcp_endpoint("phone"), env.endpoint("caller")
        contact = "sip:alice@10.1.2.3:5060;transport=tcp"
        answer = registered(phone, server, f"<{contact}>;expires=600", [])
        equal((answer.code, answer.get("Contact")), (200, f"<{contact}>;expires=600"), "REGISTER")
        call = Call(caller, server, f"sip:alice@{env.ip}").start()
        CalledSide.expect(phone).refuse(486)
        call.fails_with(486)
        equal(registered(phone, server, f"<{contact}>;expires=1", []).code, 423, "too short")
        for uri, to, code in ((f"sip:{env.ip}", "sip:alice@example.org", 404), ("sip:example.org", "sip:alice@example.org", 403),
                              ("sip:EXAMPLE.com", "sip:alice@example.com", 200)):
            request = caller.request("REGISTER", uri, to)
            equal(caller.transact(request, server).code, code, f"REGISTER of {to} at {uri}")
