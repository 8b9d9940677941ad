"""The server is for the domains of a table: read at start, again on command, later if the database is not there yet."""
import sqlite3
import subprocess

from harness import MariaDb, SqliteFile, Stream, check, equal
from harness.databases import create_tables

ROWS = [("example.com", "gold", 0), ("Example.ORG", None, 1)]


def insert(database, rows):
    for name, attributes, subdomains in rows:
        shown = "NULL" if attributes is None else f"'{attributes}'"
        database.query(f"INSERT INTO domain (domain, attrs, accept_subdomain) VALUES ('{name}', {shown}, {subdomains})")


def start(env, database, **options):
    return env.server("route.lua", modules=[database.module, "domain"],
                      globals_={"db_default_url": f'"{database.url}"'}, **options)


def asker(env, server):
    phone = env.endpoint("phone")

    def ask(host):
        final = phone.transact(phone.request("OPTIONS", f"sip:{host}"), server)
        return final.code, final.start.split(" ", 2)[2]
    return ask


def test_table(env):
    database = SqliteFile(env)
    insert(database, ROWS)
    server = start(env, database)
    ask, control = asker(env, server), Stream(server.control_socket)
    equal(ask("example.com"), (200, "has gold"), "a domain")
    equal(ask("EXAMPLE.com:5070"), (200, "has gold"), "in capitals, with a port")
    equal(ask("sip.example.com"), (404, "no attributes"), "below a domain")
    equal(ask("sip.example.org"), (200, "has "), "below one that has its subdomains")
    equal(ask(server.hostport), (200, "no attributes"), "the address")
    equal(ask("example.net"), (404, "no attributes"), "another")

    database.query("INSERT INTO domain (domain) VALUES ('example.net')")
    database.query("DELETE FROM domain WHERE domain = 'example.com'")
    equal(ask("example.net")[0], 404, "before the reload")
    equal(control.call("domain_reload")["result"], "OK", "the reload")
    equal((ask("example.net")[0], ask("example.com")[0]), (200, 404), "after the reload")
    equal(control.call("domain:list")["result"],
          {"Domains": [{"name": "example.net", "attributes": "", "accept_subdomain": False},
                       {"name": "example.org", "attributes": "", "accept_subdomain": True}]}, "the list")

    database.query("ALTER TABLE domain RENAME TO gone")
    check("no such table" in control.call("domain:reload")["error"]["message"], "a reload without a table")
    equal(ask("example.net")[0], 200, "what was read stays")


def test_route_that_names_a_domain(env):
    """Phones have their domain for an outbound proxy: such a Route is ours, and goes no further."""
    database = SqliteFile(env)
    insert(database, ROWS)
    server = start(env, database)
    phone, callee = env.endpoint("phone"), env.endpoint("callee")
    request = phone.request("OPTIONS", "sip:bob@example.com", headers=[
        ("Route", "<sip:example.com;lr>"), ("X-Target", callee.uri())])
    phone.send(request, server)
    got = callee.expect("OPTIONS")
    check(got.get("Route") is None, "the Route has not been taken off")
    callee.reply(got, 200)
    equal(phone.expect_final(request).code, 200, "the answer")


def test_other_names(env):
    database = SqliteFile(env)
    database.query("CREATE TABLE ours (host CHAR(64), kind CHAR(64), below INTEGER)")
    database.query("INSERT INTO ours VALUES ('example.com', 'lead', 1)")
    database.query("INSERT INTO version VALUES ('ours', 4)")
    names = [("db_url", database.url), ("domain_table", "ours"), ("domain_col", "host"), ("attrs_col", "kind"),
             ("subdomain_col", "below")]
    server = env.server("route.lua", modules=[database.module], modparams=[("domain", *one) for one in names])
    equal(asker(env, server)("a.example.com"), (200, "has lead"), "a table with names of its own")


def test_database_that_comes_later(env):
    database = MariaDb(env)
    insert(database, ROWS)
    database.kill()
    server = start(env, database)
    ask = asker(env, server)
    server.wait_log("the domains are read later")
    equal(ask("example.com")[0], 404, "without the database")
    database.start()
    server.wait_log("the domains have been read")
    equal(ask("example.com"), (200, "has gold"), "with it")


def refused(env, text):
    config = env.directory / "bad.cfg"
    config.write_text(f'socket=udp:{env.ip}:{env.port()}\nscript="{env.directory}/route.lua"\n'
                      f'mpath="{env.build}/modules"\nloadmodule "db_sqlite.so"\ncontrol_socket=""\n{text}')
    (env.directory / "route.lua").write_text("")
    ended = subprocess.run([env.build / "opensips", "-D", "-f", config], capture_output=True, text=True, timeout=30,
                           check=False)
    equal(ended.returncode, 1, "the status")
    return ended.stderr


def test_mistakes(env):
    file = env.directory / "some.db"
    create_tables(env, f"sqlite://{file}", "subscriber")
    config = env.directory / "bad.cfg"
    said = refused(env, 'loadmodule "domain.so"\n')
    check("domain has no database, expected modparam" in said, said)
    said = refused(env, f'modparam("domain", "db_url", "sqlite://{file}")\n')
    check(f"{config}:6:30: " in said and "opensipsctl db create" in said, said)
    said = refused(env, f'modparam("domain", "db_url", "sqlite://{file}")\n'
                        'modparam("domain", "domain_table", "x; DROP TABLE y")\n')
    check(f"{config}:7:36: this is no name of a table or column" in said, said)
    create_tables(env, f"sqlite://{file}", "domain")
    said = refused(env, f'modparam("domain", "db_url", "sqlite://{file}")\nmodparam("domain", "attrs_col", "more")\n')
    check("no such column: more" in said, said)
    database = sqlite3.connect(file)
    database.execute("UPDATE version SET table_version = 3 WHERE table_name = 'domain'")
    database.commit()
    said = refused(env, f'modparam("domain", "db_url", "sqlite://{file}")\n')
    check("opensipsctl db migrate" in said, said)
