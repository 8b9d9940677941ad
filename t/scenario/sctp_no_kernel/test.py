"""On a kernel without SCTP a socket of it is refused, by its line."""
from harness import check
from harness.kernel import has_sctp


def test(env):
    if has_sctp():
        env.skip("this kernel has SCTP")
    server = env.server(start=False, transports=("udp", "sctp"))
    check(server.run_to_end() > 0, "it does not start")
    line = server.config_path.read_text().splitlines().index(f"socket=sctp:{server.hostport}") + 1
    said = server.log()
    check(f"{server.config_path.name}:{line}:" in said and "this kernel has no SCTP" in said, f"it said: {said}")
