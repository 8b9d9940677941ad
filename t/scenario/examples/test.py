"""The examples do what they say, as they stand but for the addresses."""
import json
import sqlite3
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from harness import Call, CalledSide, SqliteFile, Stream, check, equal
from harness.call import hang_up
from harness.databases import add_user
from harness.digest import call_as as call_with_password
from harness.digest import transact_as

LIMIT = 120


def example(env, name, replaced, port=None, also=None):
    """A server with an example's files; `replaced`: its addresses, and those of this test; `also`: those of its
    configuration."""
    folder = env.root / "examples" / name
    script = (folder / "route.lua").read_text()
    for theirs, ours in replaced.items():
        check(theirs in script, f"{theirs} is not in the example {name}")
        script = script.replace(theirs, ours)
    (env.directory / "route.lua").write_text(script)
    port = port or env.port()
    config = (folder / "opensips.cfg").read_text().replace("udp:127.0.0.1:5060", f"udp:{env.ip}:{port}")
    for theirs, ours in (also or {}).items():
        check(theirs in config, f"{theirs} is not in the configuration of {name}")
        config = config.replace(theirs, ours)
    config = config.replace("/var/lib/opensips", str(env.directory))
    own = f'lua_path="{env.root / "lua"}"\nmpath="{env.build / "modules"}"\ncontrol_socket="{env.directory}/control0.sock"\n'
    return env.server(config=own + config, port=port)


def call_as(endpoint, server, user, callee, headers=()):
    """A call of one of several users behind an address."""
    endpoint.name = user
    return Call(endpoint, server, f"sip:{callee}@{server.hostport}", headers=headers)


def test_load_balancer(env):
    one, two, caller = env.endpoint("one"), env.endpoint("two"), env.endpoint("caller")
    server = example(env, "load_balancer", {"127.0.0.1:5071": one.hostport, "127.0.0.1:5072": two.hostport,
                                             '"5s"': '"1h"'})
    first = Call(caller, server, f"sip:a@{server.hostport}").start()
    sides = [CalledSide.expect(min(one, two, key=lambda each: each.hostport))]
    second = Call(env.endpoint("other"), server, f"sip:b@{server.hostport}").start()
    sides.append(CalledSide.expect(max(one, two, key=lambda each: each.hostport)))
    for call, side in zip((first, second), sides):   # each had one, so the other was less busy
        side.refuse(486)
        call.fails_with(486)
    third = Call(env.endpoint("third"), server, f"sip:c@{server.hostport}").start()
    CalledSide.expect(min(one, two, key=lambda each: each.hostport)).refuse(503)
    CalledSide.expect(max(one, two, key=lambda each: each.hostport)).refuse(404)
    third.fails_with(404)


def test_load_balancer_leaves_out_who_is_silent(env):
    one, two, caller = env.endpoint("one"), env.endpoint("two"), env.endpoint("caller")
    server = example(env, "load_balancer", {"127.0.0.1:5071": one.hostport, "127.0.0.1:5072": two.hostport,
                                             '"5s"': '"500ms"', '"2s"': '"400ms"'})
    for _ in range(2):
        one.reply(one.expect("OPTIONS"), 200)
    server.wait_log(f"{two.hostport} does not answer")
    call = Call(caller, server, f"sip:a@{server.hostport}").start()
    CalledSide.expect(one).refuse(486)
    call.fails_with(486)


class Push(BaseHTTPRequestHandler):
    woken = []

    def do_POST(self):
        Push.woken.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


def test_wake_phone(env):
    """The call comes first, then the phone registers; a phone that stays asleep is told of on the control socket."""
    web = ThreadingHTTPServer((env.ip, 0), Push)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    try:
        server = example(env, "wake_phone", {"http://127.0.0.1:8080": f"http://{env.ip}:{web.server_port}",
                                              'patience = "20s"': 'patience = "4s"'})
        phone, caller = env.endpoint("phone"), env.endpoint("caller")
        call = Call(caller, server, f"sip:phone@{server.hostport}").start()
        for _ in range(200):
            if Push.woken:
                break
            time.sleep(0.05)
        check(Push.woken[0].startswith("phone@"), Push.woken)
        request = phone.request("REGISTER", server.uri, f"sip:phone@{server.hostport}", headers=[("Expires", "60")])
        equal(phone.transact(request, server).code, 200, "REGISTER")
        side = CalledSide.expect(phone)
        side.answer()
        call.answered()
        with Stream(server.control_socket) as watcher:
            watcher.call("evi:subscribe", {"event": "E_MISSED_CALL"})
            Call(caller, server, f"sip:asleep@{server.hostport}").start().fails_with(480, timeout=30)
            told = watcher.answer()
            check(told["method"] == "E_MISSED_CALL" and told["params"]["code"] == 480, told)
    finally:
        web.shutdown()


class Forwarding(BaseHTTPRequestHandler):
    rules, asked = {}, []

    def do_GET(self):
        user = self.path.partition("user=")[2]
        self.asked.append(user)
        body = json.dumps(self.rules.get(user, {})).encode()
        self.send_response(200 if user in self.rules else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def test_call_forwarding(env):
    web = ThreadingHTTPServer((env.ip, 0), Forwarding)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    phone, voicemail, caller = env.endpoint("bob"), env.endpoint("voicemail"), env.endpoint("caller")
    server = example(env, "call_forwarding", {"http://127.0.0.1:8081": f"http://{env.ip}:{web.server_port}"})
    Forwarding.rules = {"bob": {"busy": voicemail.uri()}, "carol": {"always": voicemail.uri()}}
    request = phone.request("REGISTER", f"sip:{server.hostport}", to=f"sip:bob@{server.hostport}")
    phone.send(request, server)
    equal(phone.expect_final(request).code, 200, "REGISTER")

    call = Call(caller, server, f"sip:bob@{server.hostport}").start()
    CalledSide.expect(phone).refuse(486)
    forwarded = CalledSide.expect(voicemail)
    equal(forwarded.invite.get("Diversion"), f"<sip:bob@{server.hostport}>", "Diversion")
    forwarded.refuse(603)
    call.fails_with(603)

    call = Call(caller, server, f"sip:carol@{server.hostport}").start()
    CalledSide.expect(voicemail).refuse(603)
    call.fails_with(603)
    Call(caller, server, f"sip:nobody@{server.hostport}").start().fails_with(404)
    equal(Forwarding.asked, ["bob", "carol", "nobody"], "who was asked for")

    web.shutdown()   # it listens still, and says nothing
    call = Call(caller, server, f"sip:nobody2@{server.hostport}").start()
    call.fails_with(404)
    server.wait_log("forwarding of nobody2: timed out")
    web.server_close()


def test_trunking(env):
    pbx, carrier, stranger = env.endpoint("pbx"), env.endpoint("carrier"), env.endpoint("stranger")
    server = example(env, "trunking", {"127.0.0.1:5071": pbx.hostport, "127.0.0.1:5072": carrier.hostport,
                                       '"127.0.0.1"': f'"{env.ip}"'})
    call = call_as(pbx, server, "+4930555100", "030123456", [("X-Internal", "secret")]).start()
    side = CalledSide.expect(carrier)
    equal(side.invite.uri, f"sip:+4930123456@{carrier.hostport}", "the number")
    equal(side.invite.get("P-Asserted-Identity"), "<sip:+4930555100@example.com>", "who calls")
    check(side.invite.get("X-Internal") is None, "what is internal goes out")
    side.refuse(486)
    call.fails_with(486)
    call_as(pbx, server, "+4940111", "030123456").start().fails_with(403)
    call = call_as(carrier, server, "+1212", "00493055512 3".replace(" ", "")).start()
    equal(CalledSide.expect(pbx).invite.uri, f"sip:+4930555123@{pbx.hostport}", "the number inside")
    call_as(carrier, server, "+1213", "+4930999").start().fails_with(404)
    call_as(stranger, server, "+1214", "+4930555123").start().fails_with(403)


def neighbours(env, count):
    """Other addresses of this machine, one for each side."""
    first, second, third, fourth = (int(part) for part in env.ip.split("."))
    return [f"{first}.{second}.{third % 255 + 1}.{(fourth + i) % 250 + 1}" for i in range(count)]


def border(env, **replaced):
    """The example, with its customer and its two carriers; and the socket that the carriers see."""
    at, port, other = neighbours(env, 3), env.port(), env.port()
    acme, north, south = (env.endpoint(name, ip) for name, ip in zip(("4930555100", "north", "south"), at))
    outside = f"udp:{env.ip}:{other}"
    server = example(env, "border", {
        "127.0.0.2:5071": acme.hostport, "127.0.0.3:5072": north.hostport, "127.0.0.4:5073": south.hostport,
        '"127.0.0.2"': f'"{at[0]}"', '"127.0.0.3"': f'"{at[1]}"', '"127.0.0.4"': f'"{at[2]}"', '"4s"': f'"{3 * env.patience}s"',
        "udp:127.0.0.1:5060": f"udp:{env.ip}:{port}", "udp:127.0.0.1:5062": outside, **replaced}, port,
        also={"udp:127.0.0.1:5062": outside})
    return server, acme, north, south, f"{env.ip}:{other}"


def test_border_cleans(env):
    server, acme, north, _, outside = border(env)
    call = Call(acme, server, f"sip:15550100@{server.hostport}",
                headers=[("X-Customer", "4711"), ("User-Agent", "pbx/1"), ("Supported", "timer")]).start()
    side = CalledSide.expect(north)
    invite = side.invite
    equal([invite.get(name) for name in ("X-Customer", "User-Agent", "Supported")], [None, None, "timer"], "headers of the INVITE")
    equal(invite.get("P-Asserted-Identity"), "<tel:+4930555100>", "who calls")
    check(outside in invite.get("Via"), f"the carrier sees {invite.get('Via')}")
    side.reply(183, headers=[("Server", "switch/9"), ("X-Margin", "12"), ("Reason", "Q.850;cause=1")])
    progress = acme.expect(183)
    equal([progress.get(name) for name in ("Server", "X-Margin", "Reason")], [None, None, "Q.850;cause=1"], "of an answer")
    side.answer()
    call.answered()
    side.expect_ack()
    equal(side.dialog.transact("REFER", [("Refer-To", "<sip:15550199@example.com>")]).code, 405, "REFER")
    bye = side.dialog.request("BYE", [("X-Margin", "3")])
    side.dialog.send(bye)
    got = acme.expect("BYE")
    equal(got.get("X-Margin"), None, "a header inside the call")
    acme.reply(got, 200)
    equal(north.expect_final(bye).code, 200, "the end of the call")


def test_border_numbers_and_strangers(env):
    server, acme, north, _, _ = border(env)
    stranger = env.endpoint("4930555100")
    Call(stranger, server, f"sip:15550100@{server.hostport}").start()
    server.wait_log(f"nobody of ours: udp:{stranger.hostport}")
    stranger.expect_silence()
    call_as(acme, server, "12125550111", "15550100").start().fails_with(403)
    headers = [("P-Asserted-Identity", "<tel:+15550111>"), ("X-Cost", "1")]
    call = call_as(north, server, "15550111", "4930555123", headers).start()
    side = CalledSide.expect(acme)
    equal([side.invite.get(name) for name in ("P-Asserted-Identity", "X-Cost")], [None, None], "what the carrier says")
    side.refuse(486)
    call.fails_with(486)
    call_as(north, server, "15550111", "4940111").start().fails_with(404)


def test_border_next_carrier_and_rate(env):
    server, acme, north, south, _ = border(env, **{"calls_per_second = 5": "calls_per_second = 2", '"1s"': '"1h"'})
    call = call_as(acme, server, "4930555100", "15550100").start()
    CalledSide.expect(north).refuse(503)             # it fails, and says so
    CalledSide.expect(south).refuse(486)
    call.fails_with(486)
    call = call_as(acme, server, "4930555100", "15550100").start()
    north.expect("INVITE")                           # it says nothing
    CalledSide.expect(south).refuse(404)
    call.fails_with(404)
    server.wait_log("carrier north failed: 408")
    refused = call_as(acme, server, "4930555100", "15550100").start().fails_with(503)
    equal(refused.get("Retry-After"), "1", "of a third call in that time")


class LeastCost:
    """The example, with two carriers whose rates are as README.md has them, and one more."""

    def __init__(self, env):
        self.caller, self.north, self.south = (env.endpoint(name) for name in ("caller", "north", "south"))
        file = env.directory / "rates.db"
        with sqlite3.connect(file) as rates:
            rates.execute("CREATE TABLE rates (prefix TEXT, carrier TEXT, host TEXT, price REAL, PRIMARY KEY (prefix, carrier))")
            rates.executemany("INSERT INTO rates VALUES (?, ?, ?, ?)", [
                ("49", "north", self.north.hostport, 0.010), ("49", "south", self.south.hostport, 0.012),
                ("491", "north", self.north.hostport, 0.060), ("1", "south", self.south.hostport, 0.005)])
        rates.close()
        self.server = example(env, "least_cost", {"sqlite:///var/lib/opensips/rates.db": f"sqlite://{file}", '"4s"': f'"{3 * env.patience}s"'})

    def call(self, number):
        return Call(self.caller, self.server, f"sip:{number}@{self.server.hostport}").start()


def test_least_cost_order(env):
    rated = LeastCost(env)
    call = rated.call("+4930123")                   # north is cheaper
    side = CalledSide.expect(rated.north)
    equal(side.invite.uri, f"sip:+4930123@{rated.north.hostport}", "how the carrier is called")
    side.refuse(486)                                # busy is busy by any carrier
    call.fails_with(486)
    call = rated.call("49170123")                   # but not for mobile phones
    CalledSide.expect(rated.south).refuse(503, headers=[("Reason", 'Q.850;cause=17;text="User busy"')])
    call.fails_with({500, 503})                     # its cause says that it is not the carrier
    rated.call("33140").fails_with(404)
    rated.call("mail").fails_with(484)


def test_least_cost_fallback(env):
    rated = LeastCost(env)
    call = rated.call("4930123")
    CalledSide.expect(rated.north).refuse(404, headers=[("Reason", "Q.850;cause=34")])   # no circuit
    CalledSide.expect(rated.south).refuse(480)
    call.fails_with(480)
    rated.server.wait_log("north failed: 404")
    call = rated.call("4930123")                    # north has failed: south is first now
    CalledSide.expect(rated.south).refuse(403)
    side = CalledSide.expect(rated.north)           # last, but tried
    side.ringing()
    rated.caller.expect(180)
    side.refuse(500)                                # it has rung: nobody else is called
    call.fails_with(500)
    call = rated.call("15550100")
    rated.south.expect("INVITE")                    # and says nothing
    call.fails_with(408)


class Residential:
    """The example with alice, bob and carol, whose passwords are their names; alice is 100, carol's calls go to alice."""

    def __init__(self, env):
        self.env = env
        database = SqliteFile(env)
        for user in ("alice", "bob", "carol"):
            add_user(env, database.url, f"{user}@{env.ip}", user)
        for row in (f"dbaliases (alias_username, alias_domain, username, domain) VALUES ('100', '{env.ip}', 'alice', '{env.ip}')",
                    "domain (domain) VALUES ('example.com')"):
            database.query(f"INSERT INTO {row}")
        self.database = database
        self.voicemail = env.endpoint("voicemail")
        self.start()

    def start(self, port=None):
        self.server = example(self.env, "residential", {"127.0.0.1:5080": self.voicemail.hostport, '"20s"': '"2s"',
                                                        "carol@127.0.0.1": f"carol@{self.env.ip}"}, port)

    def phone(self, user, registers=True):
        phone = self.env.endpoint(user)
        if registers:
            equal(self.register(phone, user).code, 200, f"REGISTER of {user}")
        return phone

    def register(self, phone, whose, password=None, host=None):
        aor = f"sip:{whose}@{host or self.env.ip}"
        request = phone.request("REGISTER", f"sip:{host or self.server.hostport}", aor)
        request.set("From", f"<{aor}>;tag=r{phone.port}")
        return transact_as(phone, request, self.server, password or phone.name)

    def call(self, phone, whom, password=None):
        return call_with_password(phone, self.server, f"sip:{whom}@{self.server.hostport}", password or phone.name)


def test_residential_calls(env):
    home = Residential(env)
    alice, bob = home.phone("alice"), home.phone("bob")
    second = home.phone("alice")
    for number in ("alice", "100"):
        call = home.call(bob, number)
        sides = [CalledSide.expect(phone) for phone in (alice, second)]   # both ring
        for side in sides:
            side.ringing()
            check(side.invite.get("Proxy-Authorization") is None, "credentials go on to the callee")
        sides[1].answer()
        call.answered()
        sides[1].expect_ack()
        sides[0].expect_cancel()
        hang_up(sides[1], call)


def test_residential_refuses(env):
    home = Residential(env)
    alice, bob = home.phone("alice", registers=False), home.phone("bob")
    equal(home.register(alice, "alice", "guess").code, 401, "a wrong password")
    equal(home.register(alice, "bob", "alice").code, 403, "in another's name")
    request = alice.request("INVITE", f"sip:bob@{home.server.hostport}").set("From", f"<sip:bob@{env.ip}>;tag=x")
    equal(transact_as(alice, request, home.server, "alice").code, 403, "a call in another's name")
    bob.expect_silence("INVITE")
    home.call(bob, "nobody").fails_with(404)
    stranger = env.endpoint("stranger")
    request = stranger.request("INVITE", "sip:x@example.net").set("From", "<sip:x@example.org>;tag=x")
    equal(stranger.transact(request, home.server).code, 403, "relaying")
    request = stranger.request("INVITE", f"sip:bob@{home.server.hostport}").set("From", "<sip:x@example.org>;tag=x")
    stranger.send(request, home.server)
    CalledSide.expect(bob, "from outside").refuse(603)
    equal(stranger.expect_final(request).code, 603, "bob's word")


def test_residential_outlives_a_restart(env):
    home = Residential(env)
    alice, bob = home.phone("alice"), home.phone("bob")
    call = home.call(alice, "bob")
    side = CalledSide.expect(bob)
    side.answer()
    call.answered()
    side.expect_ack()
    home.server.stop()
    home.start(home.server.address[1])
    hang_up(side, call)                                 # the call goes on
    call = home.call(bob, "alice")                      # and she is registered still
    CalledSide.expect(alice).refuse(603)
    call.fails_with(603)


def test_residential_forwards_and_records(env):
    home = Residential(env)
    alice, bob, carol = home.phone("alice"), home.phone("bob"), home.phone("carol")

    call = home.call(alice, "bob")                      # he does not answer: after a while his voicemail does
    side = CalledSide.expect(bob)
    side.ringing()
    side.expect_cancel()
    taken = CalledSide.expect(home.voicemail)
    equal(taken.invite.uri, f"sip:bob@{home.voicemail.hostport}", "whose voicemail")
    equal(taken.invite.get("Diversion"), f"<sip:bob@{home.server.hostport}>;reason=no-answer", "Diversion")
    taken.answer()
    call.answered()
    taken.expect_ack()
    hang_up(call, taken)

    call = home.call(bob, "carol")                      # she is busy: her calls go to alice
    CalledSide.expect(carol).refuse(486)
    forwarded = CalledSide.expect(alice)
    equal(forwarded.invite.get("Diversion"), f"<sip:carol@{home.server.hostport}>;reason=user-busy", "Diversion")
    forwarded.answer()
    call.answered()
    forwarded.expect_ack()
    hang_up(forwarded, call)

    call = home.call(bob, "carol")                      # she does not answer: the same
    side = CalledSide.expect(carol)
    side.ringing()
    side.expect_cancel()
    forwarded = CalledSide.expect(alice)
    equal(forwarded.invite.get("Diversion"), f"<sip:carol@{home.server.hostport}>;reason=no-answer", "Diversion")
    forwarded.refuse(486)                               # nor does alice: carol's voicemail
    taken = CalledSide.expect(home.voicemail)
    equal(taken.invite.uri, f"sip:carol@{home.voicemail.hostport}", "whose voicemail")
    equal([line.split(";reason=")[1] for line in taken.invite.lines("Diversion")], ["user-busy", "no-answer"], "Diversion")
    taken.refuse(486)
    call.fails_with(486)

    call = home.call(bob, "*98")                        # his own messages
    taken = CalledSide.expect(home.voicemail)
    equal(taken.invite.uri, f"sip:bob@{home.voicemail.hostport}", "whose messages")
    taken.refuse(480)
    call.fails_with(480)


def test_residential_domains_and_limit(env):
    home = Residential(env)
    add_user(env, home.database.url, "dave@example.com", "dave")
    dave = home.phone("dave", registers=False)
    equal(home.register(dave, "dave", host="example.com").code, 200, "a user of a domain in the table")
    home.database.query("INSERT INTO domain (domain) VALUES ('example.org')")
    add_user(env, home.database.url, "eve@example.org", "eve")
    eve = home.phone("eve", registers=False)
    equal(home.register(eve, "eve", host="example.org").code, 403, "a domain that is not there yet")
    equal(Stream(home.server.control_socket).call("domain_reload")["result"], "OK", "the reload")
    equal(home.register(eve, "eve", host="example.org").code, 200, "one that has been reloaded")

    alice, bob = home.phone("alice"), home.phone("bob")
    for _ in range(4):
        home.call(alice, "bob")
        CalledSide.expect(bob).ringing()
    home.call(alice, "bob").fails_with(486)
