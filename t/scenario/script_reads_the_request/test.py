"""What a script reads is what the caller sent."""
from harness import equal


def test(env):
    server, caller = env.server("route.lua"), env.endpoint("caller")
    request = caller.request("MESSAGE", f"sip:bob%20b@{server.hostport};transport=udp;lr", to=server.uri,
                             body=b"a body", content_type="text/plain",
                             headers=[("m", "<sip:one@192.0.2.1>, <sip:two@192.0.2.2>"), ("X-Many", "first"),
                                      ("X-Many", "second")])
    request.set("From", '"A \\"quoted\\" name" <sip:alice@example.org>;tag=abc')
    final = caller.transact(request, server)
    equal((final.code, final.reason), (200, "Seen"), "the answer")
    wanted = {
        "X-Method": ["MESSAGE"],
        "X-Request": [f"MESSAGE {request.uri}"],
        "X-Ruri": [request.uri, "sip", "bob%20b", env.ip, str(server.address[1])],
        "X-Transport": ["udp"],
        "X-From": ["alice", "example.org", 'A "quoted" name', "abc"],
        "X-To": [server.uri, "nil"],
        "X-Call": [request.call_id, "1", "70"],
        "X-Source": [caller.ip, str(caller.port), "udp", f"udp:{server.hostport}"],
        "X-Contact": ["sip:one@192.0.2.1", "2"],
        "X-Headers": ["second", "2", "nil", "true"],
        "X-Body": ["a body", "text/plain"],
        "X-Initial": ["true", "false", "false"],
        "X-Local": ["true", "false"],
    }
    for name, values in wanted.items():
        equal(final.lines(name), values, name)
