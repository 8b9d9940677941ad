"""What users may call themselves, who exists, and users' other names: by OpenSIPS's tables, and nobody waits who has not
asked."""
from harness import MariaDb, SqliteFile, check, equal
from harness.databases import add_user

INJECTION = "x'; DROP TABLE uri; --"


class Asker:
    def __init__(self, env, database, *modparams, **options):
        self.server = env.server("route.lua", modules=[database.module, "uri", "alias_db"], modparams=modparams,
                                 globals_={"db_default_url": f'"{database.url}"', **options})
        self.phone = env.endpoint("phone")

    def __call__(self, ask, ruri="sip:x@example.com", user="alice", from_="alice", to="alice"):
        """What the function gave: its first value, and the second or the Request-URI behind it."""
        request = self.request(ask, ruri, user, from_, to)
        final = self.phone.transact(request, self.server)
        equal(final.code, 200, f"{ask} {ruri}")
        return tuple(final.start.split(" ", 2)[2].split(", ", 1))

    def request(self, ask, ruri="sip:x@example.com", user="alice", from_="alice", to="alice"):
        request = self.phone.request("OPTIONS", ruri, headers=[("X-Ask", ask), ("X-User", user)])
        return request.set("From", f"<sip:{from_}@example.com>;tag=f").set("To", f"<sip:{to}@example.com>")


def fill(env, database):
    for row in ("uri (username, domain, uri_user) VALUES ('alice', 'example.com', 'sales'), ('alice', 'example.org', 'x')",
                "dbaliases (alias_username, alias_domain, username, domain) VALUES ('100', 'example.com', 'alice', "
                "'example.com'), ('101', 'example.com', 'alice', 'example.com'), ('team', 'example.com', 'bob', "
                "'example.com'), ('bad', 'example.com', 'no uri', 'x y')"):
        database.query(f"INSERT INTO {row}")
    add_user(env, database.url, "bob@example.com", "b")


def test_own_name(env):
    ask = Asker(env, SqliteFile(env))
    for what in ("from", "to"):
        equal(ask(what)[0], "true", f"{what}: the own name")
        equal(ask(what, **{"from_" if what == "from" else "to": "bob"})[0], "false", f"{what}: another's")
    equal((ask("ruri", "sip:alice@x")[0], ask("ruri")[0]), ("true", "false"), "the Request-URI")
    final = ask.phone.transact(ask.request("misuse"), ask.server)
    equal(final.code, 500, "what auth.require does not give")
    ask.server.wait_log("expected what auth.require gives, with its username")


def tables(env, database):
    fill(env, database)
    ask = Asker(env, database, ("uri", "use_uri_table", 1), ("uri", "use_domain", 1), ("alias_db", "domain_prefix", "sip."))
    equal((ask("from", from_="sales")[0], ask("from")[0], ask("from", from_="x")[0]), ("true", "false", "false"),
          "what the table says, of that domain, and nothing else")
    equal(ask("from", user=INJECTION)[0], "false", "SQL in a name")
    equal((ask("exists", "sip:bob@Example.com")[0], ask("exists", "sip:bob@example.org")[0],
           ask("exists", "sip:nobody@example.com")[0], ask("exists", "sip:example.com")[0]),
          ("true", "false", "false", "false"), "who exists")
    equal(ask("exists", "tel:+49"), ("false", "tel:+49"), "a number")

    equal(ask("lookup", "sip:100@sip.example.com:5070;user=phone"), ("true", "sip:alice@example.com"), "an alias")
    equal(ask("lookup", "sip:100@example.org"), ("false", "sip:100@example.org"), "of another domain")
    equal(ask("anywhere", "sip:100@example.org"), ("true", "sip:alice@example.com"), "of any domain")
    equal(ask("lookup", "sip:alice@example.com"), ("false", "sip:alice@example.com"), "no alias")
    equal(ask("lookup", "sip:bad@example.com"), ("nil", "not a URI"), "a row that makes no URI")
    equal(ask("find", "sip:team@example.com")[0], "sip:bob@example.com", "whose alias")
    equal(ask("find", "sip:nobody@example.com"), ("nil", "not found"), "nobody's alias")
    equal(sorted(ask("aliases", "sip:alice@example.com")[0].split()), ["sip:100@example.com", "sip:101@example.com"],
          "a user's aliases")


def test_sqlite(env):
    tables(env, SqliteFile(env))


def test_mysql(env):
    tables(env, MariaDb(env))


def test_frozen_database(env):
    """Who asks hears of it in time; who does not ask does not notice."""
    database = MariaDb(env)
    fill(env, database)
    ask = Asker(env, database, ("uri", "use_uri_table", 1), db_query_timeout="500ms")
    equal(ask("lookup", "sip:100@example.com")[0], "true", "before")
    database.freeze()
    waiting = ask.request("lookup", "sip:100@example.com")
    ask.phone.send(waiting, ask.server)
    equal(ask("nothing"), ("alive",), "who does not ask")
    said = ask.phone.expect_final(waiting).start
    check("nil, timed out" in said or "nil, unavailable" in said, said)
    database.thaw()


def test_table_of_versions_has_its_name(env):
    """Every module looks into the one that the operator names."""
    database = SqliteFile(env)
    database.query("CREATE TABLE known (table_name CHAR(32) NOT NULL, table_version INTEGER DEFAULT 0 NOT NULL)")
    database.query("INSERT INTO known SELECT table_name, table_version - 1 FROM version")
    (env.directory / "x.lua").write_text("")
    for module, table in (("uri", "subscriber"), ("alias_db", "dbaliases"), ("auth", "subscriber"), ("dialplan", "dialplan")):
        config = (f'socket=udp:{env.ip}:{env.port()}\nscript="{env.directory}/x.lua"\ncontrol_socket=""\n'
                  f'mpath="{env.build}/modules"\nloadmodule "db_sqlite.so"\nloadmodule "{module}.so"\n'
                  f'db_version_table="known"\nmodparam("{module}", "db_url", "{database.url}")\n')
        server = env.server(config=config, start=False)
        server.expected_status = 1
        equal(server.run_to_end(), 1, module)
        server.wait_log(f"table {table} of {database.url} is version ")


def test_mistakes(env):
    for line, wanted in (('modparam("uri", "db_table", "a b")', '"a b" is no name of a table or column'),
                         ('modparam("alias_db", "user_column", "")', '"" is no name of a table or column'),
                         ('modparam("uri", "use_uri_table", 1)', "expected a db_url too"),
                         ('loadmodule "alias_db.so"', "alias_db has no database")):
        config = (f'socket=udp:{env.ip}:{env.port()}\nscript="{env.directory}/x.lua"\ncontrol_socket=""\n'
                  f'mpath="{env.build}/modules"\nloadmodule "db_sqlite.so"\nloadmodule "uri.so"\n'
                  f'{"" if "loadmodule" in line or "use_uri" in line else "loadmodule " + chr(34) + "alias_db.so" + chr(34)}\n'
                  f'{line}\n')
        (env.directory / "x.lua").write_text("")
        server = env.server(config=config, start=False)
        server.expected_status = 1
        equal(server.run_to_end(), 1, line)
        server.wait_log(wanted.replace('"', '.'))
