"""reload_routes: requests that wait keep the script that they began with, a script that is not well changes nothing."""
import collections
import subprocess

from harness import Call, CalledSide, Stream, check, equal

SCRIPT = """
local sip = require "sip"

sip.on_request(function(req)
  local res = req:fork({ req:header("X-Target") })
  return req:reply(CODE, "Generation " .. sip.generation)
end)
"""


class Reloaded:
    """A server whose script answers a refused call with a code, and an operator at its socket."""

    def __init__(self, env, **globals_):
        self.server = env.server(SCRIPT.replace("CODE", "601"), globals_=globals_)
        self.caller, self.callee = env.endpoint("caller"), env.endpoint("callee")
        self.operator = Stream(self.server.control_socket)
        env.open.append(self.operator)

    def write(self, code):
        self.server.script_path.write_text(SCRIPT.replace("CODE", str(code)))

    def reload(self):
        return self.operator.call("reload_routes")

    def living(self):
        """The numbers of the generations, and how many handlers each runs."""
        listed = self.operator.call("script:list")["result"]["generations"]
        return {one["generation"]: one["runs"] for one in listed}

    def call(self):
        """A call that waits for its callee."""
        call = Call(self.caller, self.server, f"sip:callee@{self.server.hostport}",
                    headers=[("X-Target", self.callee.uri())]).start()
        return call, CalledSide.expect(self.callee)


def refuse(call, called, code):
    called.refuse(486, "Busy Here")
    call.fails_with(code)


def test_waiting_calls(env):
    it = Reloaded(env)
    waiting = [it.call()]
    for code in (602, 603):
        it.write(code)
        equal(it.reload()["result"]["generation"], code - 600, "the generation")
        waiting.append(it.call())
    equal(it.living(), {1: 1, 2: 1, 3: 1}, "what runs")
    for (call, called), code in zip(reversed(waiting), (603, 602, 601)):
        refuse(call, called, code)
    equal(it.living(), {2: 0, 3: 0}, "what runs in the end: the one before is kept")
    statistics = it.operator.call("get_statistics", {"statistics": ["script:"]})["result"]
    equal({name: statistics["script:" + name] for name in ("generation", "generations", "reloads", "failed_reloads")},
          {"generation": 3, "generations": 2, "reloads": 2, "failed_reloads": 0}, "the statistics")


def test_as_many_as_may_live(env):
    it = Reloaded(env, script_generations_max=2)
    call, called = it.call()
    equal(it.reload()["result"]["generation"], 2, "the generation")
    error = it.reload()["error"]
    check("script_generations_max" in error["message"] and "generation 1 runs 1 handler" in error["message"], str(error))
    refuse(call, called, 601)
    equal(it.reload()["result"]["generation"], 3, "the generation")


def test_opensipsctl(env):
    """What is wrong is printed, with a status other than 0, and the old script goes on."""
    it = Reloaded(env)
    command = [env.build / "opensipsctl", "-s", it.server.control_socket, "reload_routes"]

    def ctl():
        return subprocess.run(command, capture_output=True, text=True, timeout=30 * env.patience, check=False)

    good = it.server.script_path.read_text()
    it.server.script_path.write_text(good + "\nlocal b 2\n")
    ended = ctl()
    check(ended.returncode == 1, f"the status is {ended.returncode}")
    check(f"{it.server.script_path}:9:9: unexpected symbol near '2'" in ended.stderr, ended.stderr)
    it.server.wait_log(r"not reloaded, generation 1 goes on: .*:9:9:")
    refuse(*it.call(), 601)
    it.write(602)
    ended = ctl()
    equal((ended.returncode, ended.stderr), (0, ""), "status and errors")
    it.server.wait_log("generation 2 of .* gets the requests")
    refuse(*it.call(), 602)


TRIED = """
local sip = require "sip"

sip.on_request(function(req)
  if req.method == "OPTIONS" then return req:reply(200) end
  BODY
end)
"""


class Tried:
    """A server whose script answers with 600, and one to be tried."""

    def __init__(self, env):
        self.server = env.server(TRIED.replace("BODY", "return req:reply(600)"))
        self.caller = env.endpoint("caller")
        self.operator = Stream(self.server.control_socket)
        env.open.append(self.operator)

    def write(self, body):
        self.server.script_path.write_text(TRIED.replace("BODY", body))

    def said(self, command, **arguments):
        answer = self.operator.call("script:" + command, arguments)
        return answer.get("result") or answer["error"]

    def codes(self, count):
        """What so many calls are answered."""
        found = collections.Counter()
        for _ in range(count):
            request = self.caller.request("MESSAGE", self.server.uri, f"sip:x@{self.server.hostport}")
            found[self.caller.transact(request, self.server).code] += 1
        return dict(found)

    def row(self, number):
        return next(one for one in self.said("list")["generations"] if one["generation"] == number)


def test_canary(env):
    it = Tried(env)
    it.write("return req:reply(601)")
    equal(it.said("canary", share="20%"), {"generation": 2, "share": "20%"}, "the beginning of the trial")
    codes = it.codes(1000)
    check(set(codes) == {600, 601} and abs(codes[601] - 200) < 76, f"{codes}: not a share of 20 %")  # six deviations
    equal((it.row(2)["state"], it.row(2)["requests"], it.row(2)["errors"], it.row(2)["answers"]["6xx"]),
          ("canary", codes[601], 0, codes[601]), "what is counted of it")
    equal(it.said("promote"), {"generation": 2}, "the promotion")
    equal(it.codes(20), {601: 20}, "afterwards")
    equal((it.row(1)["state"], it.row(2)["state"]), ("previous", "current"), "the states")
    equal(it.said("rollback"), {"generation": 1}, "the way back")
    equal(it.codes(20), {600: 20}, "the old script")


def test_canary_that_fails(env):
    """Its errors show in its own row, and one command ends it."""
    it = Tried(env)
    it.write("error('not yet')")
    it.said("canary", share="100%")
    equal(it.codes(10), {500: 10}, "while it is tried")
    equal((it.row(2)["errors"], it.row(2)["answers"]["5xx"]), (10, 10), "what is counted of it")
    equal(it.said("rollback"), {"generation": 1}, "the way back")
    equal(it.codes(10), {600: 10}, "the old script")
    check("no generation is tried" in it.said("promote")["message"], "nothing is left to promote")
    check("no generation to go back to" in it.said("rollback")["message"], "nor to go back to")
