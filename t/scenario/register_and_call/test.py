"""Users register, and are called by their address of record: a script without passwords."""
from harness import Call, CalledSide, equal
from harness.call import hang_up


def opened(env):
    return env.server("open_users.lua")


def register(endpoint, server, expires=600, contact=None):
    request = endpoint.request("REGISTER", server.uri, f"sip:{endpoint.name}@{server.hostport}")
    request.set("From", f"<sip:{endpoint.name}@{server.hostport}>;tag=r{endpoint.port}")
    request.set("Contact", contact or f"<{endpoint.uri()}>").add("Expires", str(expires))
    final = endpoint.transact(request, server)
    equal(final.code, 200, "REGISTER")
    return final


def test_sipp(env):
    count = env.scaled(500, 50)
    server = opened(env)
    called = env.sipp("uas_call.xml", values={"RING": 20}, calls=count)
    env.sipp("register.xml", target=server, calls=1,
             values={"USER": "bob", "CONTACT": called.hostport}).finish()
    calling = env.sipp("uac_call.xml", target=server, calls=count, rate=100 if not env.sanitizer else 50,
                       values={"USER": "bob", "TALK": 20})
    calling.finish()
    called.finish()


def test_both_ways(env):
    server = opened(env)
    alice, bob = env.endpoint("alice"), env.endpoint("bob")
    for phone in (alice, bob):
        final = register(phone, server)
        equal([c.split(";")[0] for c in final.all("Contact")], [f"<{phone.uri()}>"], "the bindings")
    for caller, callee in ((alice, bob), (bob, alice)):
        call = Call(caller, server, f"sip:{callee.name}@{server.hostport}").start()
        called = CalledSide.expect(callee)
        equal(called.invite.uri, callee.uri(), "the Request-URI at the called phone")
        called.ringing()
        called.answer()
        call.answered()
        called.expect_ack()
        hang_up(called, call)


def test_unregistered_user_is_not_found(env):
    server = opened(env)
    alice, bob = env.endpoint("alice"), env.endpoint("bob")
    Call(alice, server, f"sip:bob@{server.hostport}").start().fails_with({404, 480})
    register(bob, server)
    register(bob, server, expires=0)
    Call(alice, server, f"sip:bob@{server.hostport}").start().fails_with({404, 480})
    bob.expect_silence()
