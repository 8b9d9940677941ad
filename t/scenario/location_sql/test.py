"""Registrations outlive the server, in a database: what was acknowledged is there, with all that a call needs."""
import sqlite3
import time

from harness import Call, CalledSide, MariaDb, SqliteFile, check, equal
from location_sql.kept import BACK, ONLY, THROUGH, Kept, kill

LIMIT = 120


def call_arrives(kept, user, at):
    """A call to a registered user is for that endpoint."""
    caller = kept.env.endpoint("caller")
    call = Call(caller, kept.server, f"sip:{user}@{kept.env.ip}").start()
    CalledSide.expect(at).refuse(486)
    call.fails_with(486)


def survives(env, mode, database=None):
    kept = Kept(env, mode, database)
    phone = kept.phone
    kept.register("alice", f"<{phone.uri('alice')}>;q=0.5;expires=1000;+sip.instance=\"<urn:uuid:1>\";x=1",
                  "<sip:alice@192.0.2.7:5070;transport=tcp>;expires=500", User_Agent='Phone "\u00e9" \\ \'1\'')
    kept.register("bob", f"<{phone.uri('bob')}>", call_id="one", Expires="300")
    kept.register("bob", "<sip:bob@192.0.2.9>", Expires="300")
    kept.register("bob", "<sip:bob@192.0.2.9>", Expires="0")
    kept.register("carol", f"<{phone.uri('carol')}>")
    kept.register("carol", "*", Expires="0")
    if mode == BACK:
        kept.await_rows(3)
    equal(int(kept.rows()[0][0]), 3, "rows")
    before = kept.bindings("alice")
    if mode != ONLY:
        kept.await_loaded()
    dumped = kept.contacts() if mode != ONLY else None
    kept.restart()
    call_arrives(kept, "bob", phone)  # at once, loaded or not
    call_arrives(kept, "alice", phone)
    after = kept.bindings("alice")
    equal(sorted(after), sorted(before), "alice's contacts")
    for contact, expires in before.items():
        check(expires - 30 <= after[contact] <= expires + 1, f"{contact} expires in {after[contact]}, was {expires}")
    lines = kept.register("alice").all("Contact")
    check(any('+sip.instance="<urn:uuid:1>"' in one and ";x=1" in one and ";q=0.5" in one for one in lines), lines)
    equal(kept.bindings("carol"), {}, "carol's contacts")
    if dumped:
        kept.await_loaded()
        again = kept.contacts()
        equal(sorted(again), sorted(dumped), "the contacts")
        for key, contact in dumped.items():
            for name in ("Q", "Callid", "Cseq", "User-agent", "Received", "Socket", "Methods"):
                equal(again[key].get(name), contact.get(name), f"{name} of {key}")
    kept.cseq = 0
    kept.register("bob", f"<{phone.uri('bob')}>", call_id="one", code=500)  # the CSeq goes on
    kept.cseq = 1000
    kept.register("bob", f"<{phone.uri('bob')}>", call_id="one", Expires="0")
    kept.await_rows(0, "username = 'bob'")


def test_write_through(env):
    survives(env, THROUGH)


def test_write_back(env):
    survives(env, BACK)


def test_in_the_database_alone(env):
    survives(env, ONLY)


def test_write_through_to_mysql(env):
    survives(env, THROUGH, MariaDb(env))


def test_what_waits_is_written_at_the_end(env):
    kept = Kept(env, BACK, modparams=[("usrloc", "timer_interval", 3600)])
    kept.register("alice", "<sip:alice@192.0.2.1>")
    equal(int(kept.rows()[0][0]), 0, "rows while it runs")
    kept.restart(lambda server: server.stop())
    equal(sorted(kept.bindings("alice")), ["sip:alice@192.0.2.1"], "after the restart")


def test_rows_of_what_expires_go(env):
    database = SqliteFile(env)
    for mode in (THROUGH, BACK, ONLY):
        kept = Kept(env, mode, database, modparams=[("registrar", "min_expires", 1)])
        user = mode[-4:]
        kept.register(user, "<sip:a@192.0.2.1>;expires=1", "<sip:a@192.0.2.2>;expires=900")
        if mode == BACK:  # it is written when it has been there for a second, or not at all
            kept.await_rows(1, f"username = '{user}' AND contact = 'sip:a@192.0.2.2'")
        kept.await_rows(1, f"username = '{user}'")
        equal(sorted(kept.bindings(user)), ["sip:a@192.0.2.2"], f"what is left: {mode}")
        kept.server.stop()


def test_rows_that_expired_meanwhile_are_not_loaded(env):
    kept = Kept(env)
    kept.register("alice", "<sip:alice@192.0.2.1>", "<sip:alice@192.0.2.2>")
    kill(kept.server)
    kept.database.query("UPDATE location SET expires = 1000 WHERE contact = 'sip:alice@192.0.2.1'")
    kept.start()
    equal(sorted(kept.bindings("alice")), ["sip:alice@192.0.2.2"], "what is left")
    kept.await_rows(1)


def test_what_an_operator_does_is_written(env):
    kept = Kept(env)
    kept.await_loaded()
    aor = f"alice@{env.ip}"
    equal(kept.command("ul_add", "location", aor, "sip:alice@192.0.2.1", 600), "OK", "ul_add")
    equal(kept.command("ul_add", "location", aor, "sip:alice@192.0.2.2", 600), "OK", "ul_add")
    kept.await_rows(2)
    equal(kept.command("ul_rm_contact", "location", aor, "sip:alice@192.0.2.1"), "OK", "ul_rm_contact")
    kept.await_rows(1)
    kept.restart()
    equal(sorted(kept.bindings("alice")), ["sip:alice@192.0.2.2"], "after the restart")


def test_sync_and_flush(env):
    kept = Kept(env, BACK, modparams=[("usrloc", "timer_interval", 3600)])
    kept.await_loaded()
    for i in range(3):
        kept.register(f"u{i}", "<sip:u@192.0.2.1>")
    equal(kept.command("get_statistics", "usrloc:db_waiting"), {"usrloc:db_waiting": 3}, "what waits")
    equal(kept.command("ul_flush"), "OK", "ul_flush")
    kept.await_rows(3)
    kept.database.query("DELETE FROM location")
    equal(kept.command("ul_sync", "location", f"u1@{env.ip}"), "OK", "ul_sync")
    kept.await_rows(1)
    equal(kept.command("ul_sync", "location"), "OK", "ul_sync")
    kept.await_rows(3)


def test_writes_of_one_aor_are_in_order(env):
    """Many at once from one phone: the last one that was acknowledged is what the row says."""
    kept = Kept(env, workers=2)
    kept.await_loaded()
    for _ in range(5):
        requests = [kept.request("alice", f"<sip:alice@192.0.2.1>;expires={600 + i}") for i in range(20)]
        for request in requests:
            kept.phone.send(request, kept.server)
        answers = [kept.phone.expect_final(request) for request in requests]
        equal({answer.code for answer in answers}, {200}, "the answers")
        said = int(kept.rows("expires")[0][0])
        left = kept.bindings("alice")["sip:alice@192.0.2.1"]
        check(abs(said - time.time() - left) <= 3, f"the row says {said - time.time()}, memory {left}")
        equal(len(kept.rows("contact_id")), 1, "rows")


def test_a_locked_database(env):
    """503 while another program holds the lock, and what was refused is nowhere."""
    kept = Kept(env, modparams=[("db_sqlite", "busy_timeout", 50)])
    kept.register("alice", f"<{kept.phone.uri('alice')}>")
    kept.await_loaded()
    other = sqlite3.connect(kept.database.file, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    answer = kept.register("bob", "<sip:bob@192.0.2.1>", code=503)
    check(1 <= int(answer.get("Retry-After")) <= 10, answer)
    call_arrives(kept, "alice", kept.phone)
    other.execute("ROLLBACK")
    equal(kept.bindings("bob"), {}, "bob's contacts")
    kept.register("bob", "<sip:bob@192.0.2.1>")
    kept.await_rows(2)


def refused_with(env, change, said):
    database = SqliteFile(env)
    database.query(change)
    server = env.server("registrar.lua", modules=["db_sqlite"], start=False,
                        modparams=[("usrloc", "working_mode_preset", THROUGH), ("usrloc", "db_url", database.url)])
    equal(server.run_to_end(), 1, "the status")
    check(said.format(url=database.url) in server.last_line(), server.last_line())
    check(f"{server.config_path}:" in server.last_line(), f"no place: {server.last_line()}")
    server.expected_status = 1


def test_a_table_that_is_too_old_is_refused(env):
    refused_with(env, "UPDATE version SET table_version = 1009 WHERE table_name = 'location'",
                 "is version 1009, expected 1013: run opensipsctl db migrate {url}")


def test_a_table_that_is_not_there_is_refused(env):
    refused_with(env, "DELETE FROM version WHERE table_name = 'location'",
                 "has no table location: run opensipsctl db create {url}")


def test_no_database_is_named(env):
    server = env.server("registrar.lua", modules=["db_sqlite"], start=False,
                        modparams=[("usrloc", "working_mode_preset", THROUGH)])
    equal(server.run_to_end(), 1, "the status")
    check(f"{server.config_path}:" in server.last_line(), server.last_line())
    server.expected_status = 1
