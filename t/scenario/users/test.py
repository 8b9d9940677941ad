"""opensipsctl user: who is added may call in, with every algorithm; who is removed, or has another password, may not."""
import hashlib
import os
import pty
import sqlite3
import subprocess

from harness import MariaDb, SqliteFile, check, equal
from harness.databases import create_tables

NAME = "alice@example.com"
SQL_NAME = "o'brien\"; DROP TABLE subscriber; --@example.com"


def user(env, *words, status=0, stdin=""):
    action, *rest = map(str, words)
    ended = subprocess.run([env.build / "opensipsctl", "user", "-m", env.build / "modules", action, *rest],
                           capture_output=True, text=True, timeout=30, check=False, input=stdin)
    equal(ended.returncode, status, f"user {words}: {ended.stdout}{ended.stderr}")
    return ended.stderr if status else ended.stdout


def hashes(name, realm, password):
    return tuple(hashlib.new(kind, f"{name}:{realm}:{password}".encode()).hexdigest()
                 for kind in ("md5", "sha256", "sha512_256"))


def columns(database, name):
    rows = database.query(f"SELECT ha1, ha1_sha256, ha1_sha512t256, password FROM subscriber WHERE username = '{name}'")
    equal(len(rows), 1, f"the rows of {name}")
    return tuple(rows[0])


def add_change_and_remove(env, database):
    url = database.url
    equal(user(env, "add", url, "alice@Example.COM", "--password", "s3cret"), f"{NAME} added\n", "add")
    equal(columns(database, "alice"), (*hashes("alice", "example.com", "s3cret"), ""), "what is kept")
    equal(user(env, "add", url, "bob@example.com", stdin="two words\n"), "bob@example.com added\n", "from a pipe")
    equal(columns(database, "bob")[:3], hashes("bob", "example.com", "two words"), "the password of a pipe")
    said = user(env, "add", url, "carol@example.org", "--random", "--realm", "Voice", "--keep").split()
    equal((said[0], len(said[1])), ("carol@example.org", 16), "--random")
    equal(columns(database, "carol"), (*hashes("carol", "Voice", said[1]), said[1]), "--realm and --keep")

    equal(user(env, "passwd", url, NAME, "--password", "other"), f"{NAME} has another password\n", "passwd")
    equal(columns(database, "alice"), (*hashes("alice", "example.com", "other"), ""), "what is kept after passwd")
    user(env, "passwd", url, NAME, "--password", "other")
    user(env, "passwd", url, "carol@example.org", "--password", "kept")
    equal(columns(database, "carol")[3], "kept", "a password that was kept is kept again")

    user(env, "add", url, SQL_NAME, "--password", "x")
    equal(user(env, "list", url).splitlines(), [NAME, "bob@example.com", SQL_NAME, "carol@example.org"], "list")
    equal(user(env, "list", url, "example.org"), "carol@example.org\n", "those of a domain")
    equal(user(env, "rm", url, SQL_NAME), f"{SQL_NAME} removed\n", "rm")
    equal(user(env, "rm", url, NAME), f"{NAME} removed\n", "rm")
    equal(user(env, "list", url, "example.com"), "bob@example.com\n", "who is left")


def test_sqlite(env):
    add_change_and_remove(env, SqliteFile(env))


def test_mysql(env):
    add_change_and_remove(env, MariaDb(env))


def test_mistakes(env):
    url = SqliteFile(env).url
    user(env, "add", url, NAME, "--password", "x")
    some, missing = env.directory / "some.db", env.directory / "not_there.db"
    create_tables(env, f"sqlite://{some}", "domain")
    for words, status, said in (
            (["add", url, NAME, "--password", "y"], 1, f"{NAME} is there already"),
            (["passwd", url, "bob@example.com", "--password", "y"], 1, "there is no user bob@example.com"),
            (["rm", url, "bob@example.com"], 1, "there is no user bob@example.com"),
            (["rm", url, "bob"], 1, "bob: expected NAME@DOMAIN"),
            (["add", url, "bob@", "--random"], 1, "expected NAME@DOMAIN"),
            (["add", url, "b:b@example.com", "--random"], 1, "without ':'"),
            (["add", url, "b\nb@example.com", "--random"], 1, "control characters"),
            (["add", url, "b" * 65 + "@example.com", "--random"], 1, "up to 64 characters"),
            (["add", url, "bob@example.com"], 1, "expected a password"),
            (["add", url, "bob@example.com", "--password", ""], 1, "expected a password"),
            (["add", url, "bob@example.com", "--password", "x" * 26, "--keep"], 1, "up to 25 characters"),
            (["add", url, "bob@example.com", "--random", "--password", "x"], 2, "usage:"),
            (["add", url, "bob@example.com", "--password"], 2, "usage:"),
            (["add", url, "bob@example.com", "--pass", "x"], 2, "usage:"),
            (["rm", url], 2, "usage:"), (["list", url, "a", "b"], 2, "usage:"), (["drop", url, NAME], 2, "usage:"),
            (["list", "nosql://host/x"], 1, "cannot open 'db_nosql.so'"),
            (["list", "sqlite:/x"], 1, "expected sqlite:///FILE"),
            (["list", f"sqlite://{missing}"], 1, "there is no file"),
            (["list", f"sqlite://{some}"], 1, "opensipsctl db create")):
        check(said in user(env, *words, status=status), f"{words}: {said}")
    equal(user(env, "list", url), f"{NAME}\n", "who is there after all that")
    database = sqlite3.connect(some)
    database.execute("INSERT INTO version VALUES ('subscriber', 7)")
    database.commit()
    check("opensipsctl db migrate" in user(env, "list", f"sqlite://{some}", status=1), "a table that is too old")


def typed(env, database, *lines):
    """What a terminal shows while these lines are typed, each when it is asked for."""
    terminal, ours = pty.openpty()
    process = subprocess.Popen([env.build / "opensipsctl", "user", "-m", env.build / "modules", "add", database.url,
                                NAME], stdin=ours, stdout=ours, stderr=ours, close_fds=True)
    os.close(ours)
    shown = b""

    def read():
        try:
            return os.read(terminal, 4096)
        except OSError:   # the other side has gone
            return b""
    for line in lines:
        while not shown.endswith(b": "):
            more = read()
            check(more, f"it ended early: {shown}")
            shown += more
        os.write(terminal, line.encode() + b"\n")
        shown += b"|"
    while more := read():
        shown += more
    os.close(terminal)
    return process.wait(10), shown.decode()


def test_terminal(env):
    database = SqliteFile(env)
    status, shown = typed(env, database, "hidden", "other")
    equal(status, 1, f"two passwords: {shown}")
    check("two passwords" in shown and "hidden" not in shown, shown)
    status, shown = typed(env, database, "hidden", "hidden")
    equal(status, 0, f"the same twice: {shown}")
    check(f"Password of {NAME}: " in shown and "hidden" not in shown, shown)
    equal(columns(database, "alice")[:3], hashes("alice", "example.com", "hidden"), "what was typed")
