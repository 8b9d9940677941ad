"""Scripts ask databases, and wait for the answer: rows as tables, values never part of the statement."""
import sqlite3

from harness import MariaDb, SqliteFile, check, equal

SCRIPT = """
local sip = require "sip"
sip.on_request(function(req)
  local db = sip.sql()
  local what = req.ruri.user
  if what == "write" then
    local done, err = db:query("INSERT INTO subscriber (username, domain, ha1) VALUES (?, ?, ?)",
                               req:header("X-Name"), "example.com", nil)
    if not done then done, err = db:query("INSERT INTO subscriber (username, domain) VALUES (?, ?)",
                                          req:header("X-Name"), "example.com") end
    return req:reply(done and 200 or 500, err or ("affected " .. done.affected))
  elseif what == "read" then
    local rows, err = db:query("SELECT username, id AS number, ha1 FROM subscriber WHERE username = ?", req:header("X-Name"))
    if not rows then return req:reply(503, err) end
    local first = rows[1]
    return req:reply(200, #rows .. " " .. (first and type(first.number) .. " " .. first.username or "none"))
  else
    local rows, err = db:query(req:header("X-Statement"))
    return req:reply(rows and 200 or 503, err or "OK")
  end
end)
"""
NAME = "alice'; DROP TABLE subscriber; --"


def start(env, database, **globals_):
    server = env.server(SCRIPT, modules=[database.module], workers=2,
                        globals_={"db_default_url": f'"{database.url}"', **globals_})
    ua = env.endpoint("ua")

    def ask(what, **headers):
        request = ua.request("OPTIONS", f"sip:{what}@{server.hostport}",
                             headers=[(f"X-{name}", value) for name, value in headers.items()])
        final = ua.transact(request, server.address)
        return final.code, final.start.split(" ", 2)[2]

    return server, ask


def asks(env, database):
    _, ask = start(env, database)
    equal(ask("write", Name=NAME), (200, "affected 1"), "an INSERT")
    equal(ask("read", Name=NAME), (200, f"1 number {NAME}"), "a row")
    equal(ask("read", Name="bob"), (200, "0 none"), "no row")
    code, said = ask("write", Name=NAME)
    check(code == 500 and said.startswith("constraint: "), said)
    code, said = ask("other", Statement="SELEKT 1")
    check(code == 503 and said.startswith("statement: "), said)
    equal(ask("other", Statement="SELECT * FROM nowhere"), (503, "not there"), "a table that is not there")
    equal(int(database.query("SELECT count(*) FROM subscriber")[0][0]), 1, "rows")


def test_sqlite(env):
    asks(env, SqliteFile(env))


def test_mysql(env):
    asks(env, MariaDb(env))


def test_while_it_is_locked_or_frozen_others_are_served(env):
    database = MariaDb(env)
    server, ask = start(env, database, db_query_timeout=300)
    equal(ask("read", Name="bob"), (200, "0 none"), "no row")
    database.freeze()
    for _ in range(3):
        code, said = ask("read", Name="bob")
        check((code, said) in ((503, "timed out"), (503, "unavailable")), said)
    server.wait_log("it does not answer, nobody waits for it any more")
    equal(ask("read", Name="bob"), (503, "unavailable"), "once it is known")
    database.thaw()
    server.wait_log("it answers again", timeout=30)
    equal(ask("read", Name="bob"), (200, "0 none"), "afterwards")


def test_a_writer_waits_for_a_lock_and_a_reader_does_not(env):
    database = SqliteFile(env)
    _, ask = start(env, database)
    other = sqlite3.connect(database.file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    equal(ask("write", Name="bob"), (500, "locked"), "writing")
    equal(ask("read", Name="bob"), (200, "0 none"), "reading")
    other.execute("ROLLBACK")
    equal(ask("write", Name="bob"), (200, "affected 1"), "writing afterwards")
