"""Who proves to know a password is let in, and nobody else: not with somebody's credentials of before, not on another
worker, not after a restart."""
import hashlib
import itertools
import sqlite3
import subprocess

import harness.digest
from harness import Stream, check, equal, statistics
from harness.digest import values_of

LIMIT = 180
USER, PASSWORD, REALM = "bob", "zanzibar", "example.com"
_cnonce = itertools.count(1)


def server_of(env, *modparams, **options):
    users = [("auth", "user", f"{USER}@{REALM}: password={PASSWORD}")]
    return env.server("route.lua", modules=["auth"], modparams=[*users, *modparams], **options)


def credentials(challenge, method, uri, user=USER, password=PASSWORD, **how):
    return harness.digest.credentials(challenge, method, uri, user, password, **how)


def options(phone, server, authorization=None, body=b""):
    """The final answer to an OPTIONS."""
    request = phone.request("OPTIONS", server.uri, body=body)
    request.set("From", f"<sip:{USER}@{REALM}>;tag=f{next(_cnonce)}")
    if authorization:
        request.add("Proxy-Authorization", authorization)
    return phone.transact(request, server)


def challenges_of(answer):
    return [value for name, value in answer.headers if name == "Proxy-Authenticate"]


def challenge_of(phone, server):
    answer = options(phone, server)
    equal(answer.code, 407, "without credentials")
    return answer.get("Proxy-Authenticate")


def stat(server, name):
    return statistics(server, f"auth:{name}")[0]


def test_sipp(env):
    count = env.scaled(300, 30)
    server = server_of(env)
    good = ["-au", USER, "-ap", PASSWORD]
    env.sipp("register.xml", target=server, calls=count, rate=100, options=good, values={"FINAL": 200}).finish()
    equal(stat(server, "succeeded"), count, "registrations that proved who they are")
    bad = ["-au", USER, "-ap", "guess"]
    env.sipp("register.xml", target=server, calls=10, rate=100, options=bad, values={"FINAL": 401}).finish()
    equal(stat(server, "failed"), 10, "wrong passwords")


def test_algorithms(env):
    server = server_of(env, ("auth", "algorithms", "SHA-512-256, SHA-256, MD5"), ("auth", "qop", "auth,auth-int"))
    phone = env.endpoint("phone")
    answer = options(phone, server)
    challenges = challenges_of(answer)
    equal([values_of(c)["algorithm"] for c in challenges], ["SHA-512-256", "SHA-256", "MD5"], "in this order")
    for challenge in challenges:
        fresh = next(c for c in challenges_of(options(phone, server))
                     if values_of(c)["algorithm"] == values_of(challenge)["algorithm"])
        equal(options(phone, server, credentials(fresh, "OPTIONS", server.uri)).code, 200, fresh)
        whole = credentials(fresh, "OPTIONS", server.uri, nc=2, body=b"v=0\r\n", qop="auth-int")
        equal(options(phone, server, whole, body=b"v=1\r\n").code, 407, "another body")
        equal(options(phone, server, whole, body=b"v=0\r\n").code, 200, "the body that was meant")


def test_names_of_any_kind(env):
    names = ['q"uo\\te', "J\u00e4s\u00f8n", "Robert'); DROP TABLE subscriber;--", "%00%0d%0a", "a@b", "x" * 500]
    # A configuration has quotes and backslashes of its own: those names are nobody's.
    users = [("auth", "user", f"{name}@{REALM}: password={PASSWORD}") for name in names[1:]]
    server = server_of(env, *users)
    phone = env.endpoint("phone")
    for name in names:
        challenge = challenge_of(phone, server)
        code = options(phone, server, credentials(challenge, "OPTIONS", server.uri, user=name)).code
        equal(code, 407 if name == names[0] else 200, name)
        equal(options(phone, server, credentials(challenge, "OPTIONS", server.uri, user=name, password="x",
                                                 nc=2)).code, 407, name)


def test_nothing_tells_an_unknown_user_from_a_wrong_password(env):
    server = server_of(env)
    phone = env.endpoint("phone")
    seen = []
    for user, password in (("nobody", PASSWORD), (USER, "guess")):
        challenge = challenge_of(phone, server)
        answer = options(phone, server, credentials(challenge, "OPTIONS", server.uri, user=user, password=password))
        given = values_of(answer.get("Proxy-Authenticate"))
        seen.append((answer.start, sorted(given), [name for name, _ in answer.headers]))
    equal(seen[0], seen[1], "the answers")


def test_100000_replays(env):
    """A captured Authorization, again and again, in requests of many calls: on both workers."""
    count = env.scaled(100_000, 2_000)
    server = server_of(env, workers=2)
    phone = env.endpoint("phone")
    captured = credentials(challenge_of(phone, server), "OPTIONS", server.uri)
    equal(options(phone, server, captured).code, 200, "the first time")
    request = phone.request("OPTIONS", server.uri, headers=[("Proxy-Authorization", captured)])
    request.set("From", f"<sip:{USER}@{REALM}>;tag=f").set("Call-ID", "@call@")
    request.set("Via", request.get("Via").split(";branch=")[0] + ";branch=z9hG4bK@call@")
    text = request.bytes()
    batch, sent, refused = 50, 0, 0
    while sent < count:
        for i in range(sent, sent + batch):
            phone.socket.sendto(text.replace(b"@call@", b"replay%d" % i), server.address)
        sent += batch
        for _ in range(batch):
            answer = phone.socket.recv(65536)
            check(answer.startswith(b"SIP/2.0 407 ") and b"stale=true" in answer, answer[:200])
            refused += 1
    equal(refused, sent, "refusals")
    # Those that came when the nonce had expired count as stale.
    equal(stat(server, "replays") + stat(server, "stale_nonces"), sent, "counted")
    equal(stat(server, "succeeded"), 1, "let in")


def test_a_nonce_of_before_the_restart_is_stale(env):
    secret = ("auth", "secret", "the same before and after")
    phone = env.endpoint("phone")
    for modparams in ((), (secret,)):
        server = server_of(env, *modparams)
        challenge = challenge_of(phone, server)
        server.stop()
        server = server_of(env, *modparams, port=server.address[1])
        answer = options(phone, server, credentials(challenge, "OPTIONS", server.uri))
        equal(answer.code, 407, "after the restart")
        again = answer.get("Proxy-Authenticate")
        equal(values_of(again).get("stale"), "true", "stale")
        equal(options(phone, server, credentials(again, "OPTIONS", server.uri)).code, 200, "with the new nonce")
        server.stop()


def database(env, *rows):
    """A database with these users: (username, domain, password)."""
    path = env.directory / "users.db"
    url = f"sqlite://{path}"
    subprocess.run([env.build / "opensipsctl", "db", "-m", env.build / "modules", "create", url], check=True,
                   capture_output=True)
    with sqlite3.connect(path) as connection:
        for username, domain, password in rows:
            ha1 = [hashlib.new(name, f"{username}:{domain}:{password}".encode()).hexdigest()
                   for name in ("md5", "sha256", "sha512_256")]
            connection.execute("INSERT INTO subscriber (username, domain, password, ha1, ha1_sha256, ha1_sha512t256) "
                               "VALUES (?, ?, ?, ?, ?, ?)", (username, domain, password, *ha1))
    connection.close()
    return path, ("auth", "db_url", url)


def change(path, statement, *values):
    with sqlite3.connect(path) as connection:
        connection.execute(statement, values)
    connection.close()


def answer_to(phone, server, user, password):
    """The code for that user, who answers the first challenge."""
    challenge = challenge_of(phone, server)
    return options(phone, server, credentials(challenge, "OPTIONS", server.uri, user=user, password=password)).code


def test_users_of_a_table(env):
    sql = "x'); DROP TABLE subscriber;--"
    _, url = database(env, ("alice", REALM, "apple"), (sql, REALM, "pear"), ("alice", "example.org", "plum"),
                      ("J\u00e4s\u00f8n", REALM, "fig"))
    phone = env.endpoint("phone")
    for modparams in ([], [("auth", "calculate_ha1", 1)], [("auth", "algorithms", "SHA-512-256")],
                      [("auth", "algorithms", "SHA-256")]):
        server = env.server("route.lua", modules=["db_sqlite", "auth"], modparams=[url, ("auth", "use_domain", 1),
                                                                                   *modparams])
        for user, password, code in (("alice", "apple", 200), ("alice", "plum", 407), (sql, "pear", 200),
                                     ("J\u00e4s\u00f8n", "fig", 200), ("nobody", "apple", 407),
                                     ("' OR 1=1 --", "apple", 407)):
            equal(answer_to(phone, server, user, password), code, f"{user} with {password}, {modparams}")
        server.stop()


def test_more_columns_of_a_user(env):
    path, url = database(env, ("alice", REALM, "apple"))
    change(path, "ALTER TABLE subscriber ADD COLUMN credit INTEGER")
    change(path, "ALTER TABLE subscriber ADD COLUMN rpid TEXT")
    change(path, "ALTER TABLE subscriber ADD COLUMN note TEXT")
    change(path, "UPDATE subscriber SET credit = 12, rpid = '+49 30 1'")
    script = """local auth = require "auth"
sip.on_request(function(req)
  local extra = auth.require(req, "proxy").credentials
  req:reply(200, extra.rpid .. "/" .. extra.money .. "/" .. tostring(extra.note))
end)
"""
    columns = ("auth", "load_credentials", "rpid; $avp(money)=credit; note")
    phone = env.endpoint("phone")
    for more in ((), (("auth", "calculate_ha1", 1),)):
        server = env.server(script, modules=["db_sqlite", "auth"], modparams=[url, columns, *more])
        answer = options(phone, server, credentials(challenge_of(phone, server), "OPTIONS", server.uri, user="alice",
                                                    password="apple"))
        equal(answer.start, "SIP/2.0 200 +49 30 1/12/nil", "what the script was given")
        server.stop()


def test_a_cache_of_users(env):
    path, url = database(env, ("alice", REALM, "apple"))
    server = env.server("route.lua", modules=["db_sqlite", "auth"],
                        modparams=[url, ("auth", "calculate_ha1", 1), ("auth", "cache_time", 3600)])
    phone = env.endpoint("phone")
    equal(answer_to(phone, server, "alice", "apple"), 200, "read from the database")
    change(path, "UPDATE subscriber SET password = ? WHERE username = ?", "pear", "alice")
    equal(answer_to(phone, server, "alice", "apple"), 200, "known without it")
    with Stream(server.control_socket) as client:
        equal(client.call("auth:reload")["result"], "OK", "auth:reload")
    equal(answer_to(phone, server, "alice", "apple"), 407, "the old password")
    equal(answer_to(phone, server, "alice", "pear"), 200, "the new one")


def test_without_its_table_nobody_gets_in(env):
    path, url = database(env, ("alice", REALM, "apple"))
    server = env.server("route.lua", modules=["db_sqlite", "auth"],
                        modparams=[url, ("auth", "user", f"{USER}@{REALM}: password={PASSWORD}")])
    phone = env.endpoint("phone")
    equal(answer_to(phone, server, "alice", "apple"), 200, "while it is there")
    change(path, "ALTER TABLE subscriber RENAME TO away")
    challenge = challenge_of(phone, server)
    refused = options(phone, server, credentials(challenge, "OPTIONS", server.uri, user="alice", password="apple"))
    equal(refused.code, 503, "when it is not")
    check(1 <= int(refused.get("Retry-After")) <= 5, "Retry-After")
    equal(answer_to(phone, server, USER, PASSWORD), 200, "who is in the configuration")
    equal(statistics(server, "auth:unavailable"), [1], "counted")
    change(path, "ALTER TABLE away RENAME TO subscriber")
    equal(answer_to(phone, server, "alice", "apple"), 200, "when it is back")


def test_a_table_of_another_version_is_refused(env):
    path, url = database(env)
    change(path, "UPDATE version SET table_version = 7 WHERE table_name = 'subscriber'")
    server = env.server("route.lua", modules=["db_sqlite", "auth"], modparams=[url], start=False)
    server.expected_status = 1
    server.launch()
    server.wait(10)
    check("is version 7, expected 8: run opensipsctl db migrate" in server.log(), server.log())


def test_wrong_parameters(env):
    for name, value, expected in (
            ("algorithms", "SHA-1", 'expected algorithms like "SHA-256, MD5", got SHA-1'),
            ("qop", "integrity", 'expected "auth", "auth-int", "auth,auth-int" or ""'),
            ("user", "bob", "expected NAME@REALM: password=TEXT")):
        server = env.server("route.lua", modules=["auth"], modparams=[("auth", name, value)], start=False)
        server.expected_status = 1
        server.launch()
        server.wait(10)
        check(expected in server.log(), server.log())
