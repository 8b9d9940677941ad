"""MariaDB is stopped, frozen, killed under load: calls that do not need it go on, a REGISTER gets 503 with Retry-After in
time and is nowhere, and all is well again without help."""
import time

from harness import Call, CalledSide, MariaDb, check, equal
from location_sql.kept import BACK, Kept, kill

LIMIT = 180


def trouble(env, begin, end):
    database = MariaDb(env)
    kept = Kept(env, database=database, workers=2)
    kept.await_loaded()
    phone, caller = kept.phone, env.endpoint("caller")
    kept.register("alice", f"<{phone.uri('alice')}>")
    with env.alive(kept.server) as alive:
        begin(database)
        requests = [kept.request(f"u{i % 5}", f"<sip:u{i}@192.0.2.1>") for i in range(40)]
        began = time.monotonic()
        for request in requests:
            phone.send(request, kept.server)
        for request in requests:
            answer = phone.expect_final(request)
            equal(answer.code, 503, "REGISTER")
            check(1 <= int(answer.get("Retry-After")) <= 10, answer)
        within = time.monotonic() - began
        check(within < 2 * env.patience, f"the last answer came after {within:.1f} s")
        kept.register("bob", "<sip:bob@192.0.2.1>", code=503)  # nobody waits any more
        call = Call(caller, kept.server, f"sip:alice@{env.ip}").start()
        CalledSide.expect(phone).refuse(486)
        call.fails_with(486)
        alive.check()
        equal(sorted(kept.contacts()), [(f"alice@{env.ip}", phone.uri("alice"))], "what is registered")
        end(database)
        deadline = time.monotonic() + 60 * env.patience
        while phone.transact(kept.request("carol", "<sip:carol@192.0.2.1>"), kept.server).code != 200:
            check(time.monotonic() < deadline, "it does not recover")
            time.sleep(0.2)
        alive.check()
    kept.statistic("db_waiting", 0)  # what may have been written all the same has been set right
    kept.await_rows(2)
    kept.restart()
    kept.await_loaded()
    equal(sorted(user for user, _ in kept.contacts()), [f"alice@{env.ip}", f"carol@{env.ip}"], "after a restart")


def test_it_is_stopped_and_started(env):
    trouble(env, MariaDb.stop, MariaDb.start)


def test_it_is_killed_and_started(env):
    trouble(env, MariaDb.kill, MariaDb.start)


def test_it_is_frozen_and_goes_on(env):
    trouble(env, MariaDb.freeze, MariaDb.thaw)


def test_write_back_needs_it_later(env):
    database = MariaDb(env)
    kept = Kept(env, BACK, database)
    kept.await_loaded()
    database.stop()
    for i in range(50):
        kept.register(f"u{i}", f"<sip:u{i}@192.0.2.1>")
    kept.register("u1", "*", Expires="0")
    kept.statistic("db_waiting", 50)
    database.start()
    kept.await_rows(49)
    kept.statistic("db_waiting", 0)


def test_it_is_not_there_at_start(env):
    """Nobody is told that a user is not registered as long as nobody knows."""
    database = MariaDb(env)
    kept = Kept(env, database=database)
    kept.register("alice", f"<{kept.phone.uri('alice')}>")
    kill(kept.server)
    database.stop()
    kept.start()
    kept.server.wait_log("contacts are loaded later")
    caller = env.endpoint("caller")
    Call(caller, kept.server, f"sip:alice@{env.ip}").start().fails_with(503)
    kept.register("bob", "<sip:bob@192.0.2.1>", code=503)
    database.start()
    kept.await_loaded()
    call = Call(caller, kept.server, f"sip:alice@{env.ip}").start()
    CalledSide.expect(kept.phone).refuse(486)
    call.fails_with(486)
