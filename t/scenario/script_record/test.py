"""script:record and opensips replay: calls of a running server, with all that its script asked, are run again and go the same; with
another script those are shown that go otherwise, and no others."""
import http.server
import json
import stat
import subprocess
import threading
import time

from harness import Call, CalledSide, SqliteFile, Stream, check, equal, establish, hang_up
from harness.databases import add_user
from harness.digest import call_as

LIMIT = 180
KINDS = ("plain", "busy", "cancelled", "forked", "asleep", "asked", "queried", "registered", "guarded")


RELAY = """
local sip = require "sip"
sip.on_request(function(req) return req:relay(req:header "X-Target") end)
"""


class Page(http.server.BaseHTTPRequestHandler):
    """Says something else each time."""
    count = 0

    def do_GET(self):
        Page.count += 1
        body = f"page {Page.count}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Web:
    def __init__(self, env):
        self.server = http.server.ThreadingHTTPServer((env.ip, 0), Page)
        self.url = f"http://{env.ip}:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        env.open.append(self)

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def calls_of(env, server, caller, callee, second):
    """A call of each kind."""
    for kind in KINDS:
        uri = f"sip:{kind}@{server.hostport}"
        headers = [("X-Target", callee.uri())]
        if kind == "busy":
            call = Call(caller, server, uri, headers=headers).start()
            CalledSide.expect(callee, call_id=call.invite.call_id).refuse(486, "Busy Here")
            call.fails_with(486)
        elif kind == "cancelled":
            call = Call(caller, server, uri, headers=headers).start()
            called = CalledSide.expect(callee, call_id=call.invite.call_id)
            called.ringing()
            caller.expect(lambda m, call_id=call.invite.call_id: m.code == 180 and m.call_id == call_id, "180")
            call.cancel()
            called.expect_cancel()
            call.fails_with(487)
        elif kind == "forked":
            call = Call(caller, server, uri, headers=headers + [("X-Second", second.uri())]).start()
            loser = CalledSide.expect(second, call_id=call.invite.call_id)
            loser.ringing()
            winner = CalledSide.expect(callee, call_id=call.invite.call_id)
            winner.answer()
            call.answered()
            winner.expect_ack()
            loser.expect_cancel()
            hang_up(call, winner)
        elif kind == "guarded":
            call = call_as(caller, server, uri, "secret", headers=headers)
            called = CalledSide.expect(callee, call_id=call.invite.call_id)
            check(not called.invite.all("Proxy-Authorization"), "credentials went on")
            called.answer()
            call.answered()
            called.expect_ack()
            hang_up(call, called)
        else:
            hang_up(*establish(caller, callee, server, uri, headers))


def register(callee, server):
    message = callee.request("REGISTER", f"sip:{server.hostport}", to=f"sip:registered@{server.hostport}",
                             headers=[("Contact", f"<{callee.uri()}>"), ("Expires", "600")])
    equal(callee.transact(message, server.address).code, 200, "REGISTER")


def test(env):
    web, database = Web(env), SqliteFile(env)
    add_user(env, database.url, "alice@example.com", "secret")
    sipp_calls = env.scaled(100, 20)
    called = env.sipp("uas_call.xml", values={"RING": 20}, calls=sipp_calls + 5)
    values = {"WEB": web.url, "CALLEE": called.hostport}
    server = env.server("route.lua", modules=[database.module, "auth"], workers=2, values=values,
                        globals_={"db_default_url": f'"{database.url}"'})
    caller, callee, second = (env.endpoint(name) for name in ("caller", "callee", "second"))
    record = env.directory / "calls.rec"

    def ctl(*words):
        done = subprocess.run([env.build / "opensipsctl", "-j", "-s", server.control_socket, *map(str, words)], capture_output=True,
                              text=True, timeout=30 * env.patience, check=False)
        check(done.returncode == 0, f"{words}: {done.stderr}")
        return json.loads(done.stdout)

    def sipp(calls):
        env.sipp("uac_call.xml", target=server, calls=calls, rate=50, values={"USER": "plain", "TALK": 20}).finish()

    def replay(*words):
        done = subprocess.run([env.build / "opensips", "replay", "-m", env.build / "modules", *map(str, words)],
                              capture_output=True, text=True, timeout=60 * env.patience, check=False)
        return done.returncode, done.stdout, done.stderr

    register(callee, server)  # before it: what a lookup finds is in the record all the same
    sipp(5)
    ctl("script:record", record)
    for _ in range(3):
        calls_of(env, server, caller, callee, second)
    register(callee, server)
    sipp(sipp_calls)
    calls = sipp_calls + 3 * len(KINDS) + 1
    shown = ctl("script:record_off")
    equal((shown["calls"], shown["dropped"], shown["recording"]), (calls, 0, False), "what was recorded")
    equal(stat.S_IMODE(record.stat().st_mode), 0o600, "who may read the file")
    check(subprocess.run([env.build / "opensipsctl", "-s", server.control_socket, "script:record", record], check=False,
                         capture_output=True).returncode != 0, "a file that is there was taken")
    server.stop()
    web.close()
    env.open.remove(web)

    config = server.config_path
    for _ in range(2):
        code, out, err = replay("-f", config, record)
        equal((code, out), (0, f"{calls} calls, {calls} same, 0 different\n"), err)

    script = server.script_path
    text = script.read_text()
    for was, becomes, kind, said in (
            ("res:forward()", 'req:reply(480, "Nobody")', None, ""),  # a 2xx has been forwarded when it is there
            ("WHERE username", "WHERE rpid", "queried", "now asks"),
            ("/asked", "/others", "asked", "now asks"),
            ('"X-Domain"', '"X-Realm"', "queried", "X-Realm: example.com"),
            ('"X-User"', '"X-Who"', "guarded", "X-Who: caller"),
            ('realm = "example.com"', 'realm = "example.org"', "guarded", "now asks"),
            ("req:relay(groups[1][1])", "req:reply(404)", "registered", "now nothing")):
        script.write_text(text.replace(was, becomes))
        code, out, err = replay("-f", config, "-v", record)
        different = 3 if kind else 0
        check(out.endswith(f"{calls} calls, {calls - different} same, {different} different\n"), f"{becomes}: {out} {err}")
        equal(code, 1 if kind else 0, becomes)
        check(said in out, f"{becomes}: {out}")

    script.write_text(text)
    empty = env.directory / "empty.rec"
    with record.open(encoding="utf-8") as lines:
        empty.write_text(next(lines), encoding="utf-8")
    code, out, err = replay("-f", config, empty)
    equal((code, out), (2, "0 calls, 0 same, 0 different, the record is cut\n"), err)
    check("no call to compare" in err, err)

    script.write_text("this is no script\n")
    code, out, err = replay("-f", config, record)
    check(code == 2 and str(script) in err and out == "", f"{code} {out} {err}")
    code, out, err = replay("-f", config, config)
    check(code == 2 and f"{config}:1: not a line of a record" in err, f"{code} {out} {err}")


def test_killed(env):
    """Of a server that is killed while calls go on, the calls before are replayed, and those are counted and left out."""
    server = env.server(RELAY, workers=2)
    caller, callee = env.endpoint("caller"), env.endpoint("callee")
    record = env.directory / "calls.rec"
    with Stream(server.control_socket) as operator:
        check("result" in operator.call("script:record", {"file": str(record)}), "the recording does not begin")
    whole = 3
    for _ in range(whole):
        hang_up(*establish(caller, callee, server, f"sip:plain@{server.hostport}", [("X-Target", callee.uri())]))
    time.sleep(1.5)
    ringing = set()
    for _ in range(2):
        call = Call(caller, server, f"sip:plain@{server.hostport}", headers=[("X-Target", callee.uri())]).start()
        CalledSide.expect(callee, call_id=call.invite.call_id).ringing()
        ringing.add(call.invite.call_id)

    def written():
        lines = [json.loads(line) for line in record.read_text(encoding="utf-8").splitlines(keepends=True) if line.endswith("\n")]
        return {line["call"] for line in lines if line.get("out", "").startswith("SIP/2.0 180")}

    deadline = time.monotonic() + 10 * env.patience
    while not ringing <= written():
        check(time.monotonic() < deadline, "nothing is written")
        time.sleep(0.02)
    server.process.kill()
    server.status = server.process.wait()
    done = subprocess.run([env.build / "opensips", "replay", "-m", env.build / "modules", "-f", server.config_path, record],
                          capture_output=True, text=True, timeout=60 * env.patience, check=False)
    equal((done.returncode, done.stdout),
          (0, f"{whole} calls, {whole} same, 0 different, 2 incomplete, the record is cut\n"), done.stderr)
    check("2 calls were going on where it ends" in done.stderr, done.stderr)
