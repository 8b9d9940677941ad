"""Dialogs outlive the server: after a kill an established call goes on, with its lifetime, variables and profiles. What is
wrong with the database holds up no call."""
import signal
import sqlite3
import time

from harness import CalledSide, MariaDb, SqliteFile, Stream, check, equal, establish, wait_for_statistic
from harness.call import hang_up

LIMIT = 120

SCRIPT = """
local sip = require "sip"
sip.on_request(function(req)
  local dialog = req:create_dialog { lifetime = req:header("X-Lifetime") or "1h" }
  dialog:set_profile("calls", req.from.user)
  dialog.vars.account = "a|7#\\\\"
  return req:relay(req:header("X-Target"))
end)
"""


class Kept:
    """A server whose dialogs are in a database, and those that come after it."""

    def __init__(self, env, modparams=(), mode=1, database=None, **globals_):
        self.env, self.database = env, database or SqliteFile(env)
        self.modparams = [("dialog", "db_mode", mode), ("dialog", "db_update_period", 1), *modparams]
        self.globals = {"mac_key_file": f'"{env.directory / "mac.key"}"',
                        "db_default_url": f'"{self.database.url}"', **globals_}
        self.caller, self.callee = env.endpoint("caller"), env.endpoint("callee")
        self.server = self.start()

    def start(self, port=None):
        return self.env.server(SCRIPT, modules=[self.database.module], modparams=self.modparams, globals_=self.globals,
                               port=port)

    def call(self, headers=()):
        return establish(self.caller, self.callee, self.server, f"sip:callee@{self.server.hostport}",
                         [("X-Target", self.callee.uri()), *headers])

    def statistic(self, name, value):
        wait_for_statistic(self.env, self.server, name if ":" in name else f"dialog:{name}", value)

    def restart(self, end):
        port = self.server.address[1]
        end(self.server)
        self.server = self.start(port)

    def command(self, name, *params):
        with Stream(self.server.control_socket) as client:
            return client.call(name, list(params))["result"]

    def dialogs(self):
        return {one["callid"]: one for one in self.command("dialog:list")["Dialogs"]}

    def await_rows(self, count):
        """Until so many dialogs are written, as they are now."""
        self.statistic("db_waiting", 0)
        deadline = time.monotonic() + 10 * self.env.patience
        while self.rows() != count:
            if time.monotonic() > deadline:
                self.env.fail(f"{self.rows()} rows, not {count}")
            time.sleep(0.02)

    def rows(self):
        return int(self.database.query("SELECT count(*) FROM dialog")[0][0])


def kill(server):
    server.expected_status = -signal.SIGKILL
    server.signal(signal.SIGKILL)
    server.wait(5)


def goes_on(call, called):
    """A re-INVITE from one side, a BYE from the other."""
    invite = call.dialog.request("INVITE", body=b"v=0\r\n")
    call.dialog.send(invite)
    CalledSide(called.endpoint, called.endpoint.expect("INVITE"), called.tag).reply(200, "OK")
    equal(call.endpoint.expect_final(invite).code, 200, "the answer to the re-INVITE")
    call.dialog.ack(invite.cseq)
    called.endpoint.expect(lambda m: m.is_request and m.method == "ACK" and m.cseq == invite.cseq, "its ACK")
    hang_up(called, call)


def test_after_a_kill(env):
    kept = Kept(env)
    calls = [kept.call() for _ in range(5)]
    kept.await_rows(5)
    before = kept.dialogs()
    kept.restart(kill)
    kept.statistic("active_dialogs", 5)
    after = kept.dialogs()
    for name in ("ID", "timestart", "state", "caller_contact", "caller_bind_addr"):
        equal({call_id: one[name] for call_id, one in after.items()},
              {call_id: one[name] for call_id, one in before.items()}, name)
    for call_id, one in after.items():  # to the nearest second
        check(abs(one["timeout"] - before[call_id]["timeout"]) <= 1, "timeout")
    equal(kept.command("dialog:profile_get_size", "calls", "caller")["Profile"]["count"], 5, "the profile")
    context = kept.command("dialog:list_ctx", calls[0][0].invite.call_id)["Dialogs"][0]["context"]
    equal(context["values"], [{"account": "a|7#\\"}], "the variables")
    for call, called in calls:
        goes_on(call, called)
    kept.statistic("active_dialogs", 0)
    kept.await_rows(0)


def test_its_lifetime_goes_on(env):
    kept = Kept(env)
    call, called = kept.call([("X-Lifetime", "4s")])
    kept.await_rows(1)
    kept.restart(kill)
    for side in (call, called):
        side.endpoint.reply(side.endpoint.expect("BYE"), 200, "OK")
    kept.statistic("expired_dialogs", 1)


def test_after_a_stop_of_one_that_writes_then(env):
    kept = Kept(env, mode=3)
    ended, call = kept.call(), kept.call()
    hang_up(*ended)
    equal(kept.rows(), 0, "rows while it runs")
    kept.restart(lambda server: server.stop())
    kept.statistic("active_dialogs", 1)
    goes_on(*call)
    kept.server.stop()
    equal(kept.rows(), 0, "rows at the end")


def test_written_now_and_then(env):
    kept = Kept(env, mode=2)
    hang_up(*kept.call())
    call = kept.call()
    kept.await_rows(1)
    kept.restart(kill)
    kept.statistic("active_dialogs", 1)
    goes_on(*call)


def test_a_locked_database_holds_up_no_call(env):
    kept = Kept(env, [("db_sqlite", "busy_timeout", 50)])
    other = sqlite3.connect(kept.database.file, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    first = kept.call()
    kept.server.wait_log(r"dialogs are not written yet: .*database is locked")
    second = kept.call()
    hang_up(*second)
    kept.statistic("active_dialogs", 1)
    equal(kept.rows(), 0, "rows while it is locked")
    other.execute("ROLLBACK")
    kept.await_rows(1)
    hang_up(*first)


def test_a_full_disk_holds_up_no_call(env):
    kept = Kept(env, [("db_sqlite", "max_size", 1)])
    other = sqlite3.connect(kept.database.file, isolation_level=None)
    other.execute("CREATE TABLE filler (bytes BLOB)")
    other.execute("PRAGMA max_page_count=256")
    size = 100_000
    while size > 100:
        try:
            other.execute("INSERT INTO filler VALUES (zeroblob(?))", (size,))
        except sqlite3.OperationalError:
            size //= 2
    calls = [kept.call() for _ in range(40)]
    kept.server.wait_log(r"dialogs are not written yet: .*full")
    for call in calls[:35]:
        hang_up(*call)
    other.execute("DELETE FROM filler")
    kept.await_rows(5)
    for call in calls[35:]:
        hang_up(*call)


def test_a_database_that_goes_away_and_comes_back(env):
    kept = Kept(env)
    first = kept.call()
    kept.await_rows(1)
    moved = kept.database.file.with_suffix(".away")
    kept.database.file.rename(moved)
    call = kept.call()
    kept.server.wait_log(r"dialogs are not written yet")
    moved.rename(kept.database.file)
    kept.await_rows(2)
    hang_up(*call)
    hang_up(*first)


def test_commands(env):
    kept = Kept(env)
    first, second = kept.call(), kept.call()
    kept.await_rows(2)
    kept.database.query("DELETE FROM dialog")
    equal(kept.command("dlg_restore_db"), "OK", "restore_db")
    kept.await_rows(2)
    equal(kept.command("dlg_db_sync"), "OK", "db_sync")
    hang_up(*first)
    hang_up(*second)
    kept.statistic("active_dialogs", 0)


def mysql_trouble(env, begin, end, log):
    """Calls go on while MariaDB has some, and are written afterwards."""
    database = MariaDb(env)
    kept = Kept(env, database=database, db_query_timeout=500)
    first = kept.call()
    kept.await_rows(1)
    begin(database)
    second, third = kept.call(), kept.call()
    hang_up(*first)
    kept.server.wait_log(log, timeout=30)
    hang_up(*second)
    end(database)
    kept.await_rows(1)
    equal(kept.command("db:list")["Databases"][0]["circuit"], "closed", "the circuit")
    kept.restart(kill)
    kept.statistic("active_dialogs", 1)
    goes_on(*third)


def test_mysql_is_stopped_and_started(env):
    mysql_trouble(env, MariaDb.stop, MariaDb.start, "cannot connect|dialogs are not written yet")


def test_mysql_is_killed_and_started(env):
    mysql_trouble(env, MariaDb.kill, MariaDb.start, "cannot connect|dialogs are not written yet")


def test_mysql_is_frozen_and_goes_on(env):
    mysql_trouble(env, MariaDb.freeze, MariaDb.thaw, "no answer in time")


def test_mysql_is_not_there_at_start(env):
    database = MariaDb(env)
    kept = Kept(env, database=database)
    call = kept.call()
    kept.await_rows(1)
    database.stop()
    kept.restart(kill)
    kept.server.wait_log("dialogs are loaded later")
    hang_up(*kept.call())
    database.start()
    kept.statistic("active_dialogs", 1)
    goes_on(*call)


def refused_with(env, change, said):
    url = f"sqlite://{env.directory / 'opensips.db'}"
    if change:
        SqliteFile(env).query(change)
    server = env.server(SCRIPT, modules=["db_sqlite"], modparams=[("dialog", "db_mode", 1), ("dialog", "db_url", url)],
                        start=False)
    equal(server.run_to_end(), 1, "the status")
    check(said.format(url=url) in server.last_line(), server.last_line())
    check(f"{server.config_path}:" in server.last_line(), f"no place: {server.last_line()}")
    server.expected_status = 1


def test_a_table_that_is_too_old_is_refused(env):
    refused_with(env, "UPDATE version SET table_version = 9 WHERE table_name = 'dialog'",
                 "is version 9, expected 12: run opensipsctl db migrate {url}")


def test_a_table_that_is_not_there_is_refused(env):
    refused_with(env, "DELETE FROM version WHERE table_name = 'dialog'",
                 "has no table dialog: run opensipsctl db create {url}")


def test_a_database_that_is_not_there_is_refused(env):
    refused_with(env, None, "run opensipsctl db create {url}")
