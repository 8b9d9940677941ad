"""Two real softphones (baresip) register with a script without passwords; one calls, the other answers, one hangs up."""
import time

from harness.env import tail
from harness.phones import Baresip


def test_udp(env):
    calls(env, "udp", "udp")


def test_tcp(env):
    calls(env, "tcp", "tcp")


def test_tcp_calls_udp(env):
    calls(env, "tcp", "udp")


def calls(env, of_alice, of_bob):
    server = env.server("open_users.lua", transports=("udp", "tcp"))
    alice = Baresip(env, server.hostport, "alice", transport=of_alice, answer="manual")
    bob = Baresip(env, server.hostport, "bob", transport=of_bob)
    await_registration(env, server, ("alice", "bob"))
    for leaver, stayer in ((alice, bob), (bob, alice)):
        alice.dial("bob")
        alice.expect_call()
        bob.expect_call()
        leaver.hang_up()
        leaver.expect_end()
        stayer.expect_end()


def await_registration(env, server, users):
    """Until a query shows a contact of each."""
    asker = env.endpoint("asker")
    deadline = time.monotonic() + 20 * env.patience
    for user in users:
        while True:
            query = asker.request("REGISTER", server.uri, f"sip:{user}@{server.hostport}").remove("Contact")
            if asker.transact(query, server).all("Contact"):
                break
            if time.monotonic() > deadline:
                env.fail(f"{user} did not register: {tail(env.directory / user / 'output')}")
            time.sleep(0.1)
