"""Several servers share their registrations in a Redis: who registered at one is called through another at once, over
the flow that the first has; and what becomes of it when Redis does not answer."""
import time

from harness import SDP, Call, CalledSide, check, equal
from harness.call import hang_up
from harness.redis import RedisCluster, RedisServer
from location_sql.kept import Kept

LIMIT = 180
SHARED = "full-sharing-cachedb-cluster"


def key_of(env):
    return {"mac_key_file": f'"{env.directory / "mac.key"}"'}


class Site(Kept):
    """One of the servers. What an AoR is, is the same at all of them."""

    def __init__(self, env, redis, modparams=(), **globals_):
        super().__init__(env, SHARED, redis, **key_of(env), **globals_, modparams=[
            ("usrloc", "cachedb_url", redis.url), ("registrar", "min_expires", 1), *modparams])

    def start(self):
        self.server = self.env.server("route.lua", modules=[self.database.module], modparams=self.modparams,
                                      globals_=self.globals, port=self.port, transports=self.transports)
        self.port = self.server.address[1]


def call_over(site, user, phone):
    """A whole call through that server to who is registered; the INVITE as it came."""
    caller = site.env.endpoint("caller")
    call = Call(caller, site.server, f"sip:{user}@{site.env.ip}").start()
    called = CalledSide.expect(phone)
    called.ringing()
    called.answer()
    call.answered()
    called.expect_ack()
    hang_up(call, called)
    return called.invite


def register_from(phone, site, user, contact, **headers):
    request = site.request(user, contact, **headers).set("Via", phone.via() + ";rport")
    equal(phone.transact(request, site.server).code, 200, f"REGISTER of {user}")


def test_registered_here_called_there(env):
    redis = RedisServer(env)
    here, there = Site(env, redis, transports=("udp", "tcp")), Site(env, redis, transports=("udp", "tcp"))
    # One that any server reaches.
    open_ = env.endpoint("open")
    register_from(open_, here, "open", f"<{open_.uri()}>")
    equal(call_over(there, "open", open_).source, there.server.address, "who sends to it")
    equal(sorted(there.bindings("open")), [open_.uri()], "what the other one says of it")
    # One that only its server reaches: over UDP, from behind a NAT, and over a connection.
    hidden = env.endpoint("hidden")
    register_from(hidden, here, "hidden", "<sip:hidden@10.1.2.3:5060>")
    equal(call_over(there, "hidden", hidden).source, here.server.address, "who sends to it")
    equal(call_over(here, "hidden", hidden).source, here.server.address, "who sends to it")
    connected = env.tcp_endpoint("connected")
    register_from(connected, here, "connected", "<sip:connected@10.1.2.3:5060;transport=tcp>")
    call_over(there, "connected", connected)
    call_over(here, "connected", connected)
    shown = there.command("ul_show_contact", "location", f"hidden@{env.ip}")
    check(";lr;flow=" in shown["Contacts"][0]["Path"], shown)
    # The token is good for nothing else, and a forged one for nothing.
    stranger = env.endpoint("stranger")
    for token, code in (("", 404), ("0" * 8 + "." + "0" * 16 + ".0000u" + "7f000001" + "1388", 404)):
        route = f"<sip:{here.server.hostport};lr;flow={token}>"
        Call(stranger, here.server, "sip:hidden@10.1.2.3", headers=[("Route", route)]).start().fails_with(code)
    # It goes over to the other one.
    moved = env.endpoint("moved")
    register_from(moved, here, "moved", "<sip:moved@10.1.2.3:5060>", call_id="moved")
    there.cseq = 100
    register_from(moved, there, "moved", "<sip:moved@10.1.2.3:5060>", call_id="moved")
    equal(call_over(here, "moved", moved).source, there.server.address, "who sends to it")
    # And away: by itself, all at once, by an operator, in time.
    there.cseq = 200
    register_from(moved, there, "moved", "<sip:moved@10.1.2.3:5060>;expires=0", call_id="moved")
    register_from(hidden, there, "hidden", "*", Expires="0")
    equal(there.command("ul_rm", "location", f"connected@{env.ip}"), "OK", "ul_rm")
    register_from(open_, there, "open", f"<{open_.uri()}>;expires=1")
    caller = env.endpoint("caller")
    for user in ("moved", "hidden", "connected"):
        for site in (here, there):
            Call(caller, site.server, f"sip:{user}@{env.ip}").start().fails_with(404)
    redis.until(lambda: redis.command("DBSIZE") == "0", "forget what has expired")
    Call(caller, here.server, f"sip:open@{env.ip}").start().fails_with(404)


def test_a_device_goes_over_inside_a_call(env):
    """What follows is sent to its GRUU: by the server that the call came to, over the other one's flow."""
    redis = RedisServer(env)
    here, there = (Site(env, redis, [("registrar", "disable_gruu", 0)]) for _ in range(2))
    places, caller = [env.endpoint(f"alice{i}") for i in range(2)], env.endpoint("caller")
    device, gruu = '<sip:alice@10.1.2.3:5060>;+sip.instance="<urn:uuid:1>"', f"sip:alice@{env.ip};gr=urn:uuid:1"
    register_from(places[0], here, "alice", device, call_id="alice")
    call = Call(caller, here.server, gruu).start()
    called = CalledSide.expect(places[0])
    places[0].reply(called.invite, 200, "OK", called.tag, [("Contact", f"<{gruu}>")], SDP, contact=False)
    call.answered()
    called.expect_ack()
    there.cseq = 100
    register_from(places[1], there, "alice", device, call_id="alice")
    bye = call.dialog.request("BYE")
    call.dialog.send(bye)
    came = places[1].expect("BYE")
    equal(came.source, there.server.address, "who sends it")
    places[1].reply(came, 200)
    equal(caller.expect_final(bye).code, 200, "BYE")


def test_who_answers_no_pings_is_gone_everywhere(env):
    """Unless he has gone over to another server."""
    redis = RedisServer(env)
    here = Site(env, redis, [("nathelper", "natping_interval", 1), ("nathelper", "max_pings_lost", 2),
                             ("nathelper", "sipping_from", "sip:ping@example.com")])
    there = Site(env, redis)
    gone, moved = env.endpoint("gone"), env.endpoint("moved")
    for phone in (gone, moved):
        register_from(phone, here, phone.name, f"<sip:{phone.name}@10.1.2.3:5060>", call_id=phone.name)
    there.cseq = 100
    register_from(moved, there, "moved", "<sip:moved@10.1.2.3:5060>", call_id="moved")
    here.statistic("location-contacts", 0)
    redis.until(lambda: redis.command("KEYS", "*") == f"usrloc:moved@{env.ip}", "forget who is gone")
    Call(env.endpoint("caller"), there.server, f"sip:gone@{env.ip}").start().fails_with(404)
    equal(call_over(here, "moved", moved).source, there.server.address, "who sends to it")


def test_both_write_at_once(env):
    """What each has acknowledged is there, and contacts that were the same are one."""
    redis = RedisServer(env)
    sites = [Site(env, redis, db_query_timeout=20000) for _ in range(2)]  # in time, however slow the machine
    requests = []
    for i in range(8):
        for n, site in enumerate(sites):
            requests.append((site, site.request("alice", f"<sip:alice@192.0.2.{i}:{5060 + n}>")))
            requests.append((site, site.request("bob", f"<sip:bob@192.0.2.{i}>")))
    for site, request in requests:
        site.phone.send(request, site.server)
    answers = [(request, site.phone.expect_final(request)) for site, request in requests]
    equal({answer.code for request, answer in answers if "bob" in request.get("To")}, {200}, "bob's answers")
    for site in sites:
        equal(sorted(site.bindings("bob")), [f"sip:bob@192.0.2.{i}" for i in range(8)], "bob's contacts")
        equal(len(site.bindings("alice")), 10, "alice's contacts, of which there may be ten")
    codes = [answer.code for request, answer in answers if "alice" in request.get("To")]
    equal((codes.count(200), codes.count(403)), (10, 6), f"alice's answers: {codes}")


def trouble(env, begin, end):
    redis = RedisServer(env, "appendonly yes", "appendfsync always")
    here, there = Site(env, redis), Site(env, redis)
    phone, caller = here.phone, env.endpoint("caller")
    here.register("alice", f"<{phone.uri('alice')}>")
    with env.alive(here.server) as alive:
        begin(redis)
        requests = [here.request(f"u{i % 5}", f"<sip:u{i}@192.0.2.1>") for i in range(20)]
        calls = [Call(caller, here.server, f"sip:alice@{env.ip}") for _ in range(20)]
        began = time.monotonic()
        for request, call in zip(requests, calls):
            phone.send(request, here.server)
            call.start()
        answers = [phone.expect_final(request) for request in requests] + [call.fails_with(503) for call in calls]
        within = time.monotonic() - began
        check(within < 2 * env.patience, f"the last answer came after {within:.1f} s")
        for answer in answers:
            equal(answer.code, 503, "the answer")
            check(1 <= int(answer.get("Retry-After")) <= 10, answer)
        alive.check()
        end(redis)
        deadline = time.monotonic() + 60 * env.patience
        while phone.transact(here.request("carol", "<sip:carol@192.0.2.1>"), here.server).code != 200:
            check(time.monotonic() < deadline, "it does not recover")
            time.sleep(0.2)
        alive.check()
    deadline = time.monotonic() + 60 * env.patience
    while there.phone.transact(there.request("alice"), there.server).code != 200:
        check(time.monotonic() < deadline, "the other one does not recover")
        time.sleep(0.2)
    call_over(there, "alice", phone)


def test_redis_is_killed_and_started(env):
    trouble(env, RedisServer.kill, RedisServer.start)


def test_redis_is_frozen_and_goes_on(env):
    trouble(env, RedisServer.freeze, RedisServer.thaw)


def test_a_cluster_of_redis(env):
    cluster = RedisCluster(env)
    cluster.module = RedisServer.module
    here, there = Site(env, cluster), Site(env, cluster)
    for i in range(12):
        here.register(f"u{i}", "<sip:u@192.0.2.1>")
        there.register(f"u{i}", "<sip:u@192.0.2.2>")
        equal(len(here.bindings(f"u{i}")), 2, "contacts")


def test_what_is_no_text_is_refused(env):
    """Redis has it as JSON, so that it would come back as something else."""
    site = Site(env, RedisServer(env))
    bad = b"\xff".decode("utf-8", "surrogateescape")
    site.register("alice", f"<sip:{bad}@192.0.2.1>", code=400)
    site.register("alice", "<sip:alice@192.0.2.1>", code=400, call_id=bad)
    site.register("alice", "<sip:alice@192.0.2.1>", code=400, Path=f"<sip:{bad}@192.0.2.2;lr>", Supported="path")
    equal(site.bindings("alice"), {}, "contacts")
    site.register("alice", "<sip:\u00e9@192.0.2.1>")
    equal(list(site.bindings("alice")), ["sip:\u00e9@192.0.2.1"], "contacts")


def test_wrong_settings(env):
    for url, globals_, said in ((f"sqlite://{env.directory}/x.db", key_of(env), "expected redis://"),
                                (f"redis://{env.ip}:1/0", {}, "needs mac_key_file")):
        server = env.server("route.lua", modules=["cachedb_redis", "db_sqlite"], start=False, globals_=globals_,
                            modparams=[("usrloc", "working_mode_preset", SHARED), ("usrloc", "cachedb_url", url)])
        equal(server.run_to_end(), 1, "the status")
        check(f"{server.config_path}:" in server.last_line() and said in server.last_line(), server.last_line())
        server.expected_status = 1
