"""What scripts share and do without a request: sip.shared, sip.every, sip.spawn; and sip.dns, sip.in_time."""
import json
import time

from harness import NameServer, Stream, check, equal, name_servers


def server_of(env, **options):
    return env.server("route.lua", workers=4, **options)


class Asker:
    def __init__(self, env, server):
        self.server, self.endpoint = server, env.endpoint("asker")

    def __call__(self, action, **headers):
        named = [("X-" + name.capitalize(), value) for name, value in headers.items()]
        request = self.endpoint.request("MESSAGE", f"sip:{action}@{self.server.hostport}", headers=named)
        self.endpoint.send(request, self.server)
        final = self.endpoint.expect_final(request)
        equal(final.code, 200, f"the answer to {action}")
        return final.get("X-Error") or final.get("X-Said")

    def until(self, action, good, **headers):
        """Asks until the answer is good."""
        for _ in range(300):
            said = self(action, **headers)
            if good(said):
                return said
            time.sleep(0.05)
        raise AssertionError(f"{action} still says {said}")


def test_count_over_workers(env):
    """Each request has a Call-ID of its own, so that all workers count."""
    ask = Asker(env, server_of(env))
    said = [ask("count", most="20") for _ in range(25)]
    equal(said, [str(i) for i in range(1, 21)] + ["refused"] * 5, "the counts")


def test_timers(env):
    ask = Asker(env, server_of(env))
    ask.until("get", lambda ticks: ticks != "nil" and int(ticks) >= 3, name="ticks")
    ask.until("workers", lambda count: int(count) > 4)   # ten in a second, from each of four


def test_timers_end_with_their_generation(env):
    server = server_of(env)
    ask = Asker(env, server)
    ask.until("get", lambda ticks: ticks != "nil", name="ticks")
    operator = Stream(server.control_socket)
    env.open.append(operator)
    server.script_path.write_text(server.script_path.read_text().replace('"ticks"', '"new ticks"'))
    check("result" in operator.call("reload_routes"), "the script is not reloaded")
    ask.until("get", lambda ticks: ticks != "nil", name="new ticks")
    before = ask("get", name="ticks")
    ticks = int(ask("get", name="new ticks"))
    ask.until("get", lambda now: int(now) >= ticks + 5, name="new ticks")
    equal(ask("get", name="ticks"), before, "ticks of the old one")


def test_spawned_function(env):
    ask = Asker(env, server_of(env))
    equal(ask("get", name="spawned"), "nil", "before")
    equal(ask("spawn", name="its argument"), "begun", "the handler")
    equal(ask.until("get", lambda value: value != "nil", name="spawned"), "its argument", "what it set")


def test_names(env):
    names = NameServer(env, {("phone.example.com", "A"): ["192.0.2.1", "192.0.2.2"],
                             ("_sip._udp.example.com", "SRV"): ["10 5 5060 phone.example.com"]})
    ask = Asker(env, server_of(env, globals_=name_servers(names)))
    equal(sorted(json.loads(ask("resolve", name="Phone.Example.com."))), ["192.0.2.1", "192.0.2.2"], "addresses")
    equal(json.loads(ask("resolve", name="_sip._udp.example.com", type="SRV")),
          [{"port": 5060, "priority": 10, "target": "phone.example.com", "weight": 5}], "services")
    check("no such name" in ask("resolve", name="nobody.example.com"), "a name that there is not")
    equal(ask("resolve", name="not a name"), "not a host name", "what is no name")


def test_times(env):
    ask = Asker(env, server_of(env))
    for _ in range(2):   # the second time the rule is known
        equal(ask("time", name="UTC|20200101T020000||2H|daily"), "true", "at three")
        equal(ask("time", name="UTC|20200101T040000||2H|daily"), "false", "before four")
    check("byte 1" in ask("time", name="nonsense"), "what is no rule")
