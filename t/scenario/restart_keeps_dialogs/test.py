"""What our Record-Route proved, it proves to the server that comes after: calls outlive a restart, and a kill."""
import signal

from harness import establish
from harness.call import hang_up


def restarted(env, end):
    key = {"mac_key_file": f'"{env.directory / "mac.key"}"'}
    caller, callee = env.endpoint("caller"), env.endpoint("callee")
    server = env.server(globals_=key)
    calls = [establish(caller, callee, server, f"sip:callee@{server.hostport}", [("X-Target", callee.uri())])
             for _ in range(2)]
    end(server)
    after = env.server(globals_=key, port=server.address[1])
    hang_up(*calls[0])
    hang_up(*reversed(calls[1]))
    after.stop()


def test_after_a_stop(env):
    restarted(env, lambda server: server.stop())


def test_after_a_kill(env):
    def kill(server):
        server.expected_status = -signal.SIGKILL
        server.signal(signal.SIGKILL)
        server.wait(5)

    restarted(env, kill)
