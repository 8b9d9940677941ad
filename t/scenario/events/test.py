"""Events of the server, of scripts and of operators reach handlers, functions that wait, and connections that asked."""
import time

from harness import Call, Stream, check, equal, establish, hang_up

WORKERS = 4


class Events:
    """A server with the script, and what it was told."""

    def __init__(self, env, **options):
        self.env = env
        self.server = env.server("route.lua", workers=WORKERS, **options)
        self.asker = env.endpoint("asker")

    def ask(self, user, method="MESSAGE", **headers):
        named = [("X-" + name.capitalize(), value) for name, value in headers.items()]
        request = self.asker.request(method, f"sip:{user}@{self.server.hostport}", headers=named)
        self.asker.send(request, self.server)
        return self.asker.expect_final(request)

    def told(self, name):
        said = self.ask("told", name=name)
        return int(said.get("X-Count")), said.get("X-Last")

    def until(self, name, count):
        """What the handler of that event was told last, when it was told so often."""
        for _ in range(300):
            times, last = self.told(name)
            if times >= count:
                equal(times, count, f"times of {name}")
                return dict(field.split("=", 1) for field in last.split(" ")) if "=" in last else {}
            time.sleep(0.05)
        raise AssertionError(f"{name} was told {times} times")

    def stream(self):
        stream = Stream(self.server.control_socket)
        self.env.open.append(stream)
        return stream

    def statistic(self, name):
        with Stream(self.server.control_socket) as stream:
            return stream.call("statistics:get", {"statistics": [name]})["result"][name]

    def until_listened(self, name, count):
        with Stream(self.server.control_socket) as operator:
            for _ in range(300):
                listened = operator.call("evi:subscribers")["result"]["Events"]
                if {"name": name, "subscribers": count} in listened:
                    return
                time.sleep(0.05)
        raise AssertionError(f"{count} do not listen for {name}: {listened}")

    def until_statistic(self, name, good):
        for _ in range(300):
            value = self.statistic(name)
            if good(value):
                return value
            time.sleep(0.05)
        raise AssertionError(f"{name} is {value}")


def register(server, phone, expires):
    request = phone.request("REGISTER", server.uri, f"sip:alice@{server.hostport}", headers=[("Expires", str(expires))])
    equal(phone.transact(request, server).code, 200, "the answer to REGISTER")


def test_registrations(env):
    events, phone = Events(env), env.endpoint("phone")
    register(events.server, phone, 60)
    said = events.until("E_UL_CONTACT_INSERT", 1)
    aor = said["aor"]
    check(aor.startswith("alice@") and said["received"] == phone.hostport and said["proto"] == "udp", said)
    check(0 < int(said["expires"]) <= 60, said)
    equal(events.until("E_UL_AOR_INSERT", 1), {"aor": aor}, "the AoR")
    register(events.server, phone, 60)
    events.until("E_UL_CONTACT_UPDATE", 1)
    register(events.server, phone, 0)
    equal(events.until("E_UL_CONTACT_DELETE", 1)["uri"], said["uri"], "the contact")
    events.until("E_UL_AOR_DELETE", 1)
    equal(events.told("E_UL_CONTACT_EXPIRE")[0], 0, "contacts that expired")


def test_dialogs(env):
    events, caller, callee = Events(env), env.endpoint("caller"), env.endpoint("callee")
    call, side = establish(caller, callee, events.server, f"sip:callee@{events.server.hostport}",
                           [("X-Target", callee.uri())])
    events.until("E_DLG_STATE_CHANGED", 4)
    hang_up(call, side)
    last = events.until("E_DLG_STATE_CHANGED", 5)
    equal((last["new_state"], last["reason"]), ("ended", "caller"), "the last state")


def test_connections(env):
    events = Events(env, transports=("udp", "tcp"))
    connection = env.connect(events.server)
    equal(events.until("E_CORE_TCP_CONNECT", 1)["proto"], "tcp", "the transport")
    connection.close()
    equal(events.until("E_CORE_TCP_DISCONNECT", 1)["reason"], "closed_by_peer", "why it has ended")


def test_a_flood(env):
    events = Events(env, globals_={"source_limit": 20, "source_limit_unit": 60_000, "source_limit_exempt": f'"{env.ip}"'})
    flooder = env.endpoint("flooder", ip=env.ip.rpartition(".")[0] + ".1")
    for _ in range(40):
        flooder.send(flooder.request("OPTIONS", f"sip:nobody@{events.server.hostport}"), events.server)
    equal(events.until("E_PIKE_BLOCKED", 1), {"ip": flooder.ip}, "who floods")


def test_reloads(env):
    events = Events(env)
    operator = events.stream()
    check("result" in operator.call("reload_routes"), "the script is not reloaded")
    equal(events.until("E_CORE_RELOADED", 1), {"what": "script"}, "what was reloaded")
    events.ask("raise", name="E_MINE")   # the new version's handlers
    events.until("E_MINE", 1)


def test_one_handler_and_all_who_wait(env):
    """Each request has a worker of its own, by its Call-ID."""
    events, waiters = Events(env), [env.endpoint(f"waiter{i}") for i in range(3 * WORKERS)]
    asked = []
    for waiter in waiters:
        asked.append(waiter.request("MESSAGE", f"sip:wait@{events.server.hostport}",
                                    headers=[("X-Who", "bob"), ("X-Limit", "60s")]))
        waiter.send(asked[-1], events.server)
    events.until_listened("E_MINE", WORKERS + len(waiters))
    events.ask("raise", name="E_MINE", who="alice")
    events.ask("raise", name="E_MINE", who="bob")
    for waiter, request in zip(waiters, asked):
        final = waiter.expect_final(request)
        equal((final.code, final.reason), (200, "woken by bob"), "the answer")
    events.until("E_MINE", 2)


def test_a_wait_ends(env):
    events, waiter = Events(env), env.endpoint("waiter")
    said = events.ask("wait", who="nobody", limit="100ms")
    equal((said.code, said.reason), (480, "timed out"), "the answer")
    call = Call(waiter, events.server, f"sip:wait@{events.server.hostport}", headers=[("X-Who", "x"), ("X-Limit", "1h")])
    call.start()
    events.until_listened("E_MINE", WORKERS + 1)
    call.cancel()
    call.fails_with(487)
    events.until("cancelled", 1)
    events.until_listened("E_MINE", WORKERS)   # the handlers


def test_connections_are_told(env):
    events = Events(env)
    one, other = events.stream(), events.stream()
    names = [event["name"] for event in one.call("evi:list")["result"]["Events"]]
    check("E_UL_CONTACT_INSERT" in names, names)
    equal(one.call("event_subscribe", {"event": "E_MINE"})["result"], "OK", "the answer")
    check("error" in one.call("evi:subscribe", {"event": "E_UL_CONTACT_INSET"}), "an event that there is not")
    events.ask("raise", name="E_MINE", who="alice")
    equal(one.answer(), {"jsonrpc": "2.0", "method": "E_MINE", "params": {"who": "alice", "worker": "any"}}, "the notification")
    equal(other.call("raise_event", {"event": "E_MINE", "params": {"who": "operator"}})["result"], "OK", "the answer")
    equal(one.answer()["params"], {"who": "operator"}, "the notification")
    events.until("E_MINE", 2)
    equal(one.call("version")["id"], 1, "an answer between notifications")
    one.close()
    events.until_listened("E_MINE", WORKERS)


def test_a_storm_is_dropped_and_others_are_served(env):
    events = Events(env)
    with env.alive(events.server) as alive:
        for _ in range(20):
            equal(events.ask("storm").code, 200, "the answer")
        events.until_statistic("event:dropped", lambda dropped: dropped >= 20 * 2000 - 1000 * WORKERS)
        alive.check()


def test_a_client_that_does_not_read(env):
    events = Events(env)
    silent, operator = events.stream(), events.stream()
    before = events.server.rss_kb()
    silent.call("evi:subscribe", {"event": "E_MINE"})
    for _ in range(2000):
        operator.call("raise_event", {"event": "E_MINE", "params": {"filler": "x" * 4000}})
    check(events.statistic("event:dropped") > 0, "nothing was dropped")
    check(events.server.rss_kb() - before < 300_000, "memory")
    equal(silent.answer()["method"], "E_MINE", "what it reads at last")
