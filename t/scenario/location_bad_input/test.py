"""What clients write into a REGISTER does no harm: not to the server, not to the database, not to others."""
import time

from harness import MariaDb, SqliteFile, check, equal
from harness.message import param_of
from location_sql.kept import Kept

NAMES = ["o'brien", "a%22b", "a%5Cb%5C", "%27;DROP%20TABLE%20location;--", "x%27%20OR%20%271%27=%271", "j%C3%BCrgen",
         "%F0%9F%93%9E", "a%23b%7Cc", "%25s%25n", "union%20select", "a@b", "*", "%"]
LIMIT = 120


def many(count):
    """So many contacts, some in a header each time: no line is too long."""
    contacts = [f"<sip:a@192.0.2.1:{1024 + i}>" for i in range(count)]
    return [", ".join(contacts[i:i + 50]) for i in range(0, count, 50)]


def names(env, database):
    kept = Kept(env, database=database)
    users = [name for name in NAMES if name not in ("a@b", "%")] + ["a%40b"]
    for user in users:
        kept.register(user, f"<sip:{user}@192.0.2.1>", User_Agent=f"'{user}'; -- \\")
    kept.register("%zz", "<sip:x@192.0.2.1>", code=400)
    equal(int(kept.rows()[0][0]), len(users), "rows")
    kept.restart()
    for user in users:  # at once: each is asked for by itself
        equal(list(kept.bindings(user)), [f"sip:{user}@192.0.2.1"], user)
    kept.await_loaded()
    equal(len(kept.contacts()), len(users), "contacts")
    kept.register(users[3], "*", Expires="0")
    equal(int(kept.rows()[0][0]), len(users) - 1, "rows after one was removed")


def test_names_in_sqlite(env):
    names(env, SqliteFile(env))


def test_names_in_mysql(env):
    names(env, MariaDb(env))


def test_a_thousand_contacts(env):
    """Refused by the default limit; with none they are registered, in one transaction."""
    kept = Kept(env, modparams=[("registrar", "max_contacts", 0)], transports=("udp", "tcp"))
    phone = env.tcp_endpoint("phone")
    kept.phone = phone
    kept.register("alice", *many(1001), code=403)
    equal(int(kept.rows()[0][0]), 0, "rows")
    kept.register("alice", *many(1000))
    equal(int(kept.rows()[0][0]), 1000, "rows")
    kept.restart()
    kept.await_loaded()
    kept.statistic("location-contacts", 1000)


def test_a_thousand_contacts_of_one_who_may_have_ten(env):
    kept = Kept(env, transports=("udp", "tcp"))
    kept.phone = env.tcp_endpoint("phone")
    kept.register("alice", *many(1000), code=403)
    equal(int(kept.rows()[0][0]), 0, "rows")


def test_expires_beyond_all_bounds(env):
    for limit, expected in ((7200, 7200), (0, 0xffffffff)):
        kept = Kept(env, modparams=[("registrar", "max_expires", limit)])
        for asked in ("4294967296", "99999999999999999999999", "4294967295"):
            answer = kept.register("alice", "<sip:a@192.0.2.1>", Expires=asked)
            got = int(param_of(answer.get("Contact"), "expires"))
            check(got == expected, f"{asked} got {got}")
        kept.restart()
        left = next(iter(kept.bindings("alice").values()))
        most = min(expected, 0xffffffff - int(time.time()))
        check(most - 60 <= left <= most + 1, f"{left} seconds are left")
        kept.server.stop()
        kept.database.file.unlink()


def test_texts_that_are_too_long(env):
    kept = Kept(env, database=MariaDb(env))
    kept.register("alice", f"<sip:{'a' * 300}@192.0.2.1>", code=500)  # the column has 255
    kept.register("u" * 100, "<sip:a@192.0.2.1>", code=500)
    kept.register("bob", "<sip:b@192.0.2.1>", User_Agent="x" * 1000)
    equal([contact for _, contact in kept.contacts()], ["sip:b@192.0.2.1"], "contacts")
