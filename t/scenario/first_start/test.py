"""What `make run` starts, as it stands but for the address: a database is made, with two users; they register with their
passwords and call each other; a second start finds them again, and their registrations."""
import re
import subprocess

from harness import CalledSide, check, equal
from harness.call import hang_up
from harness.digest import call_as, transact_as


def first_start(env, state):
    """The passwords by their users, and what was said."""
    ended = subprocess.run([env.root / "build-aux" / "first-start.sh", env.build, state], capture_output=True, text=True,
                           timeout=60, check=False)
    equal((ended.returncode, ended.stderr), (0, ""), "first-start.sh")
    return dict(re.findall(r"^  (\w+)@127\.0\.0\.1 (\w{16})$", ended.stdout, re.M)), ended.stdout


def server_of(env, state, port):
    config = (state / "opensips.cfg").read_text()
    check("udp:127.0.0.1:5060 " in config, "the address of etc/opensips.cfg")
    # alice@127.0.0.1 is at home here too: the name is one of the server's.
    config = config.replace("udp:127.0.0.1:5060 ", f"udp:{env.ip}:{port} ") + '\nalias="127.0.0.1"\n'
    return env.server(config=f'control_socket="{env.directory}/control.sock"\n' + config, port=port)


def as_user(request, phone):
    return request.set("From", f"<sip:{phone.name}@127.0.0.1>;tag=f{phone.port}")


def register(phone, server, password):
    request = as_user(phone.request("REGISTER", "sip:127.0.0.1", f"sip:{phone.name}@127.0.0.1"), phone)
    return transact_as(phone, request, server, password).code


def test(env):
    state, port = env.directory / "run", env.port()
    passwords, said = first_start(env, state)
    equal(sorted(passwords), ["alice", "bob"], f"the users: {said}")
    check("A database has been made" in said, said)
    for name in ("users", "opensips.db"):
        equal((state / name).stat().st_mode & 0o777, 0o600, f"who may read {name}")
    server = server_of(env, state, port)
    alice, bob = env.endpoint("alice"), env.endpoint("bob")
    equal(register(alice, server, "guess"), 401, "a wrong password")
    equal(register(alice, server, passwords["alice"]), 200, "the password")
    equal(register(bob, server, passwords["bob"]), 200, "the other's")
    bob.name = "alice"
    request = as_user(bob.request("REGISTER", "sip:127.0.0.1", "sip:alice@127.0.0.1"), bob)
    equal(transact_as(bob, request, server, passwords["bob"], user="bob").code, 403, "in another's name")
    bob.name = "bob"

    for caller, callee in ((alice, bob), (bob, alice)):
        call = call_as(caller, server, f"sip:{callee.name}@127.0.0.1", passwords[caller.name], "127.0.0.1")
        side = CalledSide.expect(callee)
        side.ringing()
        side.answer()
        call.answered()
        side.expect_ack()
        hang_up(side, call)
    server.stop()

    again, said = first_start(env, state)
    equal(again, passwords, "the second time")
    check("has been made" not in said, said)
    server = server_of(env, state, port)
    equal(register(alice, server, passwords["alice"]), 200, "the password after a restart")
    call = call_as(alice, server, "sip:bob@127.0.0.1", passwords["alice"], "127.0.0.1")   # he has not registered again
    CalledSide.expect(bob).refuse(486)
    call.fails_with(486)
