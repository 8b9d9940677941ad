"""An error in the script: 500, a log line with file, line and traceback; the next call is served."""
import re

from harness import Call


def line_of(server, text):
    lines = server.script_path.read_text().splitlines()
    return 1 + next(i for i, line in enumerate(lines) if text in line)


def test(env):
    for user, texts in (("nil", ["the mistake", "the way there"]), ("text", ["said on purpose"]),
                        ("late", ["the mistake", "the way there"]), ("misuse", ["not a code"]), ("table", [])):
        server, caller = env.server("route.lua"), env.endpoint("caller")
        name = re.escape(server.script_path.name)
        with env.alive(server) as alive:
            Call(caller, server, f"sip:{user}@{server.hostport}").start().fails_with(500)
            for text in texts:
                server.wait_log(rf"{name}:{line_of(server, text)}\b", f"(the place of the error of {user})")
            alive.check()
        server.stop()


def test_different_errors_are_all_logged(env):
    """However often one comes, the first of another kind is not lost behind it."""
    server, caller = env.server("route.lua", workers=1), env.endpoint("caller")
    for user, text in (("nil", "the mistake"), ("nil", "the mistake"), ("text", "said on purpose")):
        Call(caller, server, f"sip:{user}@{server.hostport}").start().fails_with(500)
        server.wait_log(rf"{re.escape(server.script_path.name)}:{line_of(server, text)}\b", f"(the error of {user})")


def test_answered_before(env):
    """A handler that answered and then fails: one response, and the error in the log."""
    script = """
local sip = require "sip"
sip.on_request(function(req)
  req:reply(486)
  error("too late")
end)
"""
    server, caller = env.server(script), env.endpoint("caller")
    Call(caller, server, f"sip:x@{server.hostport}").start().fails_with(486)
    server.wait_log("too late")
    caller.expect_silence()
