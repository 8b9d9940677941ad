"""A script that never ends is stopped and named; its call gets 500; the others are served, meanwhile and after."""
import re

from harness import Call


def test(env):
    server, caller = env.server("route.lua"), env.endpoint("caller")
    name = re.escape(server.script_path.name)
    with env.alive(server) as alive:
        for user in ("plain", "pcall", "coroutine", "sort"):
            call = Call(caller, server, f"sip:{user}@{server.hostport}").start()
            alive.check()
            call.fails_with(500, timeout=20)
            found = len(re.findall(rf"{name}:\d+", server.log()))
            Call(caller, server, f"sip:fine@{server.hostport}").start().fails_with(486)
            server.wait_log(rf"(?s)({name}:\d+.*){{{found or 1}}}", f"(where {user} was stopped)")
