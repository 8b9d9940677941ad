"""reload_routes: requests that wait keep the script that they began with, a script that is not well changes nothing."""
import collections
import os
import pathlib
import signal
import subprocess
import time

from harness import Call, CalledSide, Datagram, Failure, Fifo, Stream, check, equal, request

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

    def __init__(self, env, **options):
        self.server = env.server(TRIED.replace("BODY", "return req:reply(600)"), **options)
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


def replay_of(env, server):
    """The process that replays, stopped in the middle of it, which then takes as long as the test likes."""
    children = pathlib.Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
    until = time.monotonic() + 10 * env.patience
    while time.monotonic() < until:
        for child in children.read_text().split():
            if b"replay" not in pathlib.Path(f"/proc/{child}/cmdline").read_bytes():
                continue  # the server waits until it has begun
            os.kill(int(child), signal.SIGSTOP)
            return int(child)
        time.sleep(0.001)
    raise Failure("no replay has begun")


def test_canary_after_a_replay(env):
    """Recorded calls are replayed before a version gets any: it gets them if the recorded ones go as they did. Calls and
    commands go on meanwhile; each way to the commands gets the answer when it is there."""
    it = Tried(env, modparams=[("mi_datagram", "socket_name", str(env.directory / "mi.sock")),
                               ("mi_fifo", "fifo_name", str(env.directory / "mi.fifo")),
                               ("mi_fifo", "reply_dir", str(env.directory))])
    record, count = env.directory / "calls.rec", 10
    it.said("record", file=str(record))
    it.codes(count)
    time.sleep(0.1)  # what happens in its last moment is not in it
    it.said("record_off")

    it.write("local code = 600 return req:reply(code)")
    clients = [Stream(it.server.control_socket), Datagram(env.directory / "mi.sock", env.directory / "own.sock"),
               Fifo(env.directory / "mi.fifo", env.directory)]
    env.open.extend(clients[:2])
    for number, client in enumerate(clients, 2):
        answer = client.call("script:canary", {"share": "100%", "replay": str(record)})
        check("result" in answer, f"{answer}")
        equal(answer["result"], {"generation": number, "share": "100%",
                                 "replay": {"same": count, "different": 0, "left_out": 0, "shown": []}}, "the trial")
        it.said("rollback")

    it.write("return req:reply(601)")
    refused = it.said("canary", share="100%", replay=str(record))
    equal(refused["code"], 409, "a version that does otherwise")
    check(f"{count} calls were replayed, 0 same, {count} different: " in refused["message"], refused["message"])
    check("now SIP/2.0 601" in refused["message"], refused["message"])
    equal(it.codes(5), {600: 5}, "no calls are given to it")
    begun = it.said("canary", share="100%", replay=str(record), tolerate=count)
    equal((begun["replay"]["different"], len(begun["replay"]["shown"])), (count, count), "what is tolerated")
    equal(it.codes(5), {601: 5}, "now they are")
    it.said("rollback")

    broken = env.directory / "broken.rec"
    broken.write_text("no record\n")
    for file, why in ((env.directory / "nowhere", "No such file"), (broken, "broken.rec:1: not a line of a record")):
        refused = it.said("canary", share="100%", replay=str(file))
        equal(refused["code"], 400, f"{file}")
        check(why in refused["message"] and "\n" not in refused["message"], refused["message"])
    it.write("this is no script")
    check("route" in it.said("canary", share="5%", replay=str(record))["message"], "a script that is none")
    equal(it.codes(5), {600: 5}, "nothing is tried")

    it.write("return req:reply(600)")
    waiting, other = clients[0], it.operator
    asked = request("script:canary", {"share": "100%", "replay": str(record)}) + "\n"
    waiting.send(asked)
    child = replay_of(env, it.server)
    check("Up time" in other.call("uptime")["result"], "other commands wait")
    equal(other.call("script:canary", {"share": "5%", "replay": str(record)})["error"]["message"], "a replay is running",
          "a second one")
    equal(it.codes(5), {600: 5}, "calls wait")
    os.kill(child, signal.SIGCONT)
    check(waiting.answer()["result"]["share"] == "100%", "its end")

    # A server that stops takes it along.
    it.said("rollback")
    waiting.send(asked)
    child = replay_of(env, it.server)
    it.server.stop()
    check(not os.path.exists(f"/proc/{child}"), "the replay goes on without its server")


def test_a_replay_goes_with_its_server(env):
    """Even with one that is killed. Nobody writes the record, so it would wait for ever."""
    it = Tried(env)
    record = env.directory / "calls.rec"
    os.mkfifo(record)
    it.operator.send(request("script:canary", {"share": "5%", "replay": str(record)}) + "\n")
    child = replay_of(env, it.server)
    os.kill(child, signal.SIGCONT)
    time.sleep(0.5)  # it waits for the record by now, most likely
    it.server.signal(signal.SIGKILL)
    it.server.process.wait()
    it.server.expected_status = it.server.status = -signal.SIGKILL
    until = time.monotonic() + 10 * env.patience
    while os.path.exists(f"/proc/{child}") and "Z" not in pathlib.Path(f"/proc/{child}/stat").read_text().split()[2]:
        check(time.monotonic() < until, "it goes on without its server")
        time.sleep(0.01)
