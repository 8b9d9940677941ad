"""TLS domains in a table: certificates and keys in the rows, added to those of the configuration, and changed while
connections stand."""
import pathlib
import ssl

from harness import MariaDb, SqliteFile, Stream, check, equal, establish
from harness.call import hang_up
from harness.tls import client_context

CLIENT, SERVER = 1, 2


def text_of(file):
    return pathlib.Path(file).read_text()


def sql(value):
    return "NULL" if value is None else f"'{value}'"


def pem(own):
    """The columns that have a certificate and its key."""
    return {"certificate": text_of(own.certificate), "private_key": text_of(own.key)}


def insert(database, name, kind, **columns):
    """A row; those that say nothing are NULL."""
    columns = {"domain": name, "type": kind, "method": None, "require_cert": 0, **columns}
    database.query(f"INSERT INTO tls_mgm ({', '.join(columns)}) VALUES ({', '.join(map(sql, columns.values()))})")


def start(env, database, tls=(), **options):
    return env.server("relay.lua", modules=[database.module], tls=[("db_url", database.url), *tls], **options)


def command(server, name):
    with Stream(server.control_socket) as control:
        return control.call(name)


def refused(server):
    """Why a reload changed nothing."""
    error = command(server, "tls_reload")["error"]
    return f"{error['message']} {error.get('data', '')}"


def shown_to(env, server, ca, name=None):
    """The common name in the certificate that a client gets which asks for that name."""
    peer = env.tls_connect(server, context=client_context(ca.ca), server_name=name)
    return dict(pair[0] for pair in peer.socket.getpeercert()["subject"])["commonName"]


def test_domains_of_a_table(env):
    """With those of the configuration they are one set: chosen by name, and the table's client domain is the default."""
    ca, database = env.authority(), SqliteFile(env)
    one, two, three = (ca.issue(name, "DNS:x") for name in ("one", "two", "three"))
    insert(database, "one", SERVER, match_sip_domain="one.example", **pem(one))
    insert(database, "all", SERVER, match_ip_address="*", match_sip_domain="", method="TLSv1_2",
           ca_list=text_of(ca.ca), require_cert=1, **pem(two))
    insert(database, "default", CLIENT, ca_list=text_of(ca.ca), **pem(two))
    server = start(env, database, [("server_domain", "three"), ("match_sip_domain", "[three]three.example"),
                                   ("certificate", f"[three]{three.certificate}"), ("private_key", f"[three]{three.key}"),
                                   ("require_cert", "[three]0")])
    for name in ("one", "three"):
        equal(shown_to(env, server, ca, f"{name}.example"), name, "whose certificate is shown")
    peer = env.tls_connect(server, context=client_context(ca.ca, own=one))
    equal(peer.socket.version(), "TLSv1.2", "the version of the row")
    try:
        env.tls_connect(server, context=client_context(ca.ca)).expect_closed(env, "(no certificate)")
    except ssl.SSLError:
        pass

    caller, callee = env.endpoint("caller"), env.tls_endpoint("callee", own=ca.issue("callee", f"IP:{env.ip}"), ca=ca.ca)
    call, called = establish(caller, callee, server, f"sip:callee@{server.hostport}", [("X-Target", callee.uri())])
    hang_up(call, called)
    listed = {(one["Name"], one["Type"]): one for one in command(server, "tls_list")["result"]["Domains"]}
    equal(set(listed), {("one", "TLS_DOMAIN_SRV"), ("all", "TLS_DOMAIN_SRV"), ("three", "TLS_DOMAIN_SRV"),
                        ("default", "TLS_DOMAIN_CLI")}, "the list")
    equal(listed["one", "TLS_DOMAIN_SRV"]["Certificate"]["Row"], "table tls_mgm, row 1", "where a certificate is from")
    check("PRIVATE" not in str(listed) and "BEGIN" not in str(listed), "what is in the rows is not listed")


def test_reload(env):
    """New connections get what the table has now, old ones go on with their calls; a bad row changes nothing."""
    ca, database = env.authority(), SqliteFile(env)
    first, second = ca.issue("first", "DNS:x"), ca.issue("second", "DNS:x")
    insert(database, "front", SERVER, ca_list=text_of(ca.ca), **pem(first))
    server = start(env, database)
    caller, callee = env.tls_endpoint("caller", own=first), env.endpoint("callee")
    call, called = establish(caller, callee, server.tls_address, f"sip:callee@{server.hostport}",
                             [("X-Target", callee.uri())])

    for change, wanted in (
            (f"private_key = {sql(text_of(second.key))}", "row 1: TLS domain front: private_key is not the key of the"),
            ("private_key = 'no key'", "row 1: TLS domain front: private_key is not a key in PEM"),
            ("certificate = NULL", "row 1: TLS domain front: no certificate, expected one in PEM"),
            ("certificate = 'x'", "row 1: TLS domain front: certificate is not a certificate in PEM"),
            ("ca_list = 'x'", "row 1: TLS domain front: ca_list has no certificates in PEM"),
            ("dh_params = 'x'", "row 1: TLS domain front: dh_params has no parameters for DH in PEM"),
            ("method = 'SSLv4'", "row 1: method is 'SSLv4', expected TLSv1"),
            ("match_ip_address = 'here'", "row 1: match_ip_address is 'here', expected addresses"),
            ("crl_dir = 'lists'", "row 1: crl_dir is 'lists', expected a path that begins with /"),
            ("type = 3", "row 1: type is '3', expected 1 (a client domain) or 2 (a server domain)"),
            ("domain = ''", "row 1: domain is '', expected a name"),
            ("match_ip_address = '192.0.2.1'", f"no TLS domain is for {server.tls_address[0]}:{server.tls_address[1]}")):
        database.query("CREATE TABLE kept AS SELECT * FROM tls_mgm")
        database.query(f"UPDATE tls_mgm SET {change}")
        said = refused(server)
        check(wanted in said, f"{change}: {said}")
        database.query("DELETE FROM tls_mgm")
        database.query("INSERT INTO tls_mgm SELECT * FROM kept")
        database.query("DROP TABLE kept")
    equal(shown_to(env, server, ca), "first", "the certificate after all that")

    insert(database, "front", CLIENT)
    insert(database, "other", SERVER, match_sip_domain="x.example", **pem(second))
    database.query(f"UPDATE tls_mgm SET certificate = {sql(text_of(second.certificate))}, "
                   f"private_key = {sql(text_of(second.key))} WHERE domain = 'front' AND type = {SERVER}")
    equal(command(server, "tls_mgm:reload")["result"], "OK", "the reload")
    equal(shown_to(env, server, ca), "second", "the certificate after it")
    hang_up(call, called)
    equal(len(caller.connections), 1, "connections of the call")
    database.query("ALTER TABLE tls_mgm RENAME TO gone")
    check("no such table" in refused(server), "a reload without a table")
    equal(shown_to(env, server, ca), "second", "what was read stays")


def test_names_are_those_of_one_domain(env):
    ca, database = env.authority(), SqliteFile(env)
    own = ca.issue("own", "DNS:x")
    server = start(env, database, [("certificate", own.certificate), ("private_key", own.key), ("require_cert", "0")])
    insert(database, "default", SERVER, **pem(own))
    check("table tls_mgm, row 1: TLS domain default for servers is there already" in refused(server), "a name twice")
    equal(shown_to(env, server, ca), "own", "the configuration's stays")


def test_database_that_comes_later(env):
    """The server starts, and serves what needs no table; while the database is frozen, what was read stays."""
    ca, database = env.authority(), MariaDb(env)
    insert(database, "front", SERVER, **pem(ca.issue("own", "DNS:x")))
    database.kill()
    server = start(env, database, transports=("udp", "tcp"))
    server.wait_log("the table of TLS domains is read later")
    try:
        env.tls_connect(server).expect_closed(env, "no domain yet")
    except (ssl.SSLError, OSError):
        pass
    with env.alive(server) as alive:
        check("no connection" in refused(server) or "connect" in refused(server), refused(server))
        database.start()
        server.wait_log("the table of TLS domains has been read")
        equal(shown_to(env, server, ca), "own", "with it")
        database.freeze()
        check(refused(server), "a reload with a frozen one")
        equal(shown_to(env, server, ca), "own", "what was read stays")
        alive.check()
        database.thaw()


def test_mistakes(env):
    """Each is a line at the start, with the place."""
    ca, database = env.authority(), SqliteFile(env)
    own = ca.issue("own", "DNS:x")

    def ends_with(wanted, tls):
        server = start(env, database, tls, start=False)
        server.expected_status = 1
        equal(server.run_to_end(), 1, wanted)
        check(f"{server.config_path}:" in server.log() and wanted in server.log(), server.log())

    ends_with("no TLS domain is for ", [])
    insert(database, "front", SERVER, **pem(own))
    ends_with('"a b" is no name of a table or column', [("certificate_col", "a b")])
    ends_with("no such column: lost", [("ec_curve_col", "lost")])
    database.query("UPDATE tls_mgm SET private_key = 'x'")
    ends_with("table tls_mgm, row 1: TLS domain front: private_key is not a key in PEM", [])
    database.query("UPDATE version SET table_version = 2 WHERE table_name = 'tls_mgm'")
    ends_with("table tls_mgm of " + database.url + " is version 2, expected 3: run opensipsctl db migrate", [])
