"""50,000 contacts in a file of SQLite: a restart finds all of them, while calls to them are served."""
import sqlite3
import time

from harness import Call, CalledSide, SqliteFile, check, equal
from location_sql.kept import Kept

LOAD = True
LIMIT = 180


def fill(env, count):
    """As OpenSIPS's own tools would."""
    database = SqliteFile(env)
    with sqlite3.connect(database.file) as connection:
        connection.executemany(
            "INSERT INTO location (contact_id, username, domain, contact, received, expires, q, callid, cseq,"
            " last_modified, user_agent) VALUES (?, ?, ?, ?, ?, ?, 1.0, ?, 10, '2026-01-01 00:00:00', ?)",
            ((i * 0x9E3779B97F4A7C15 % (1 << 62) + 1, f"user{i}", env.ip, f"sip:user{i}@192.0.2.1:5062",
              f"sip:198.51.100.7:{1024 + i % 60000}", int(time.time()) + 3600, f"{i}-3848276298220188511@192.0.2.1",
              "A telephone with a name that is as long as such names are/1.2.3") for i in range(count)))
    connection.close()
    return database


def test(env):
    count = env.scaled(50_000, 5000)
    kept = Kept(env, database=fill(env, count), start=False)
    database = kept.database
    phone, caller = kept.phone, env.endpoint("caller")
    database.query(f"UPDATE location SET contact = '{phone.uri('x')}', received = NULL WHERE username LIKE 'user%7'")
    kept.start()
    with env.alive(kept.server) as alive:
        for i in range(count - 3, 0, -count // 20):  # the last ones too, from the beginning
            user = f"user{i - i % 10 + 7 if i >= 10 else 7}"
            call = Call(caller, kept.server, f"sip:{user}@{env.ip}").start()
            CalledSide.expect(phone).refuse(486)
            call.fails_with(486)
        Call(caller, kept.server, f"sip:nobody@{env.ip}").start().fails_with(404)
        kept.register("user20", "*", Expires="0")  # not to come back from a page that was read before
        alive.check()
        kept.await_loaded()
        alive.check()
    kept.statistic("location-contacts", count - 1)
    check("user20" not in {aor.split("@")[0] for aor, _ in kept.contacts()}, "a contact that was removed came back")
    equal(int(kept.rows()[0][0]), count - 1, "rows")
