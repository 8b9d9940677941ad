"""Targets are IP addresses until there is DNS: a host name gets 503 and a log line that says so."""
from harness import Call


def test(env):
    server, caller = env.server(), env.endpoint("caller")
    with env.alive(server):
        Call(caller, server, f"sip:x@{server.hostport}", headers=[("X-Target", "sip:bob@sip.example.org")]) \
            .start().fails_with(503)
        server.wait_log(r"sip\.example\.org", "(the host name that was not looked up)")
        Call(caller, server, f"sip:x@{server.hostport}", headers=[("X-Target", "sip:bob@sip.example.org:5080")]) \
            .start().fails_with(503)
