"""The script is reloaded again and again while calls go on whose handlers wait longer than ten reloads take, a third of the
times with one that is not well: every call succeeds, none is handled by two versions, and no memory is left behind."""
import itertools
import re
import time

from harness import Stream, check, equal

LOAD = ALONE = True
SOAK = True
LIMIT = 300
BOUND_KB = 3072  # growth allowed over all reloads after the first hundred
RATE = 300       # calls/s
THINK = 1000     # ms that a handler waits for its first answer
VERSIONS = {"script_generations_max": 64}  # slow phones keep old ones
QUICK = [("tm", "wt_timer", 2), ("tm", "timer_d", 2)]  # seconds that a finished transaction lingers, for 32

NO_HANDLER = 'local sip = require "sip"\n'
BROKEN = [  # what is not well, and what the operator is told
    ("local x = = 1\n", r":1: .*'='"),
    ('local sip = require "sip"\nlocal x\nx.y = 1\n', r":3: .*nil"),
    ('require "no_such_module"\n', r":1: .*no_such_module"),
    ('local sip = require "sip"\nsip.on_request(print)\nsip.on_startup(function()\n  error("not today")\nend)\n',
     r":4: not today"),
    (NO_HANDLER, "no requests"),
    (None, "No such file"),
]


class Script:
    """The script of the server, in the version that is wanted."""

    def __init__(self, env, values):
        self.env, self.values = env, values
        self.number = 0
        self.broken = itertools.cycle(BROKEN)
        self.next()

    def next(self):
        self.number += 1
        (self.env.directory / "version.lua").write_text(f"return {self.number}\n")
        values = {**self.values, "LIB": self.env.directory, "VERSION": self.number}
        self.path = self.env.fill("route.lua", values)

    def break_it(self):
        """Puts one there that is not well; what a reload has to say of it."""
        text, message = next(self.broken)
        self.path.unlink()
        if text:
            self.path.write_text(text)
        return message


def test(env):
    reloads = 1000 if env.soak else 50
    busy = env.sipp("uas_busy.xml", values={"THINK": THINK})
    called = env.sipp("uas_versions.xml", values={"RING": 5})
    script = Script(env, {"BUSY": busy.hostport, "CALLEE": called.hostport})
    server = env.server(script.path, modparams=QUICK, globals_=VERSIONS)
    calling = env.sipp("uac_versions.xml", target=server, rate=RATE if not env.sanitizer else 20,
                       values={"USER": "callee", "TALK": 5})
    calling.await_calls(50)

    operator = Stream(server.control_socket)
    env.open.append(operator)
    good, met_old, warm_kb = 1, 0, 0
    for i in range(reloads):
        if i == 100:
            warm_kb = server.rss_kb()
        if i % 3 == 2:
            message = script.break_it()
            answer = operator.call("reload_routes")
            check(re.search(message, answer.get("error", {}).get("message", "")), f"{answer} has no {message!r}")
        else:
            script.next()
            good += 1
            equal(operator.call("reload_routes")["result"]["generation"], good, "the generation after a reload")
        living = operator.call("script:list")["result"]["generations"]
        equal(living[-1]["generation"], good, "the generation that gets the requests")
        met_old += sum(one["runs"] for one in living[:-1])
        time.sleep(0.1)
    script.next()
    operator.call("reload_routes")

    stats = calling.stop(30)
    check(not stats["failed"] and stats["successful"] > 0, f"the calls: {stats}")
    check(met_old, "no call was being handled during any reload: this shows nothing")
    for side in (busy, called):
        check(not side.stop()["failed"], f"a called side: {side.statistics()}")
    living = operator.call("script:list")["result"]["generations"]
    equal([one["generation"] for one in living], [good, good + 1], "the generations that are left: the one before is kept")
    if env.soak and not env.sanitizer:
        growth = server.rss_kb() - warm_kb
        check(growth < BOUND_KB, f"it grew by {growth} KiB in {reloads - 100} reloads from {warm_kb}")
