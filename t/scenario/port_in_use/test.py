"""A second server on the same address is refused, clearly; the first goes on."""
from harness import check


def test(env):
    first = env.server()
    with env.alive(first) as alive:
        second = env.server(start=False, port=first.address[1])
        status = second.run_to_end()
        check(status > 0, f"the second server ended with status {status}")
        check(first.hostport in second.log() or str(first.address[1]) in second.log(),
              f"the address is not named: {second.last_line()}")
        check("in use" in second.log().lower(), f"it does not say why: {second.last_line()}")
        alive.check()


def test_other_program(env):
    """The address belongs to something that is no server of ours."""
    other = env.endpoint("other")
    server = env.server(start=False, port=other.port)
    check(server.run_to_end() > 0 and "in use" in server.log().lower(), f"it said: {server.last_line()}")
