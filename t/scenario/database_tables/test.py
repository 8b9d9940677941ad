"""opensipsctl db: tables are made once, and those of an older version are taken over."""
import sqlite3
import subprocess

from harness import check, equal


def db(env, *words, status=0):
    ended = subprocess.run([env.build / "opensipsctl", "db", "-m", env.build / "modules", *map(str, words)],
                           capture_output=True, text=True, timeout=30, check=False)
    equal(ended.returncode, status, f"db {words}: {ended.stderr}")
    return ended.stderr if status else ended.stdout


def test_create(env):
    file = env.directory / "opensips.db"
    url = f"sqlite://{file}"
    said = db(env, "create", url)
    check("table dialog created, version 12\n" in said and "table location created, version 1013\n" in said, said)
    database = sqlite3.connect(file)
    equal(dict(database.execute("SELECT table_name, table_version FROM version"))["subscriber"], 8, "its version")
    database.execute("INSERT INTO subscriber (username, domain, ha1) VALUES ('alice', 'example.com', 'x')")
    database.commit()
    said = db(env, "create", url)
    check("table subscriber is there already\n" in said and "created" not in said, said)
    equal(database.execute("SELECT count(*) FROM subscriber").fetchone(), (1,), "what was there")
    check("table uri: version 2, expected 2\n" in db(env, "show", url), "show")


def test_some_tables_alone(env):
    file = env.directory / "some.db"
    db(env, "create", f"sqlite://{file}", "domain")
    names = {row[0] for row in sqlite3.connect(file).execute("SELECT name FROM sqlite_master WHERE type='table'")}
    check({"domain", "version"} <= names and "dialog" not in names, f"the tables {names}")


def test_migrate(env):
    file = env.directory / "old.db"
    database = sqlite3.connect(file)
    database.executescript("""
        CREATE TABLE version (table_name CHAR(32) NOT NULL, table_version INTEGER DEFAULT 0 NOT NULL);
        INSERT INTO version VALUES ('subscriber', 7);
        CREATE TABLE subscriber (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, username CHAR(64), domain CHAR(64),
                                 password CHAR(25), email CHAR(64));
        INSERT INTO subscriber (username, domain, password, email) VALUES ('alice', 'example.com', 'secret', 'a@b');
    """)
    url = f"sqlite://{file}"
    check("table subscriber: version 7, expected 8\n" in db(env, "show", url), "show")
    equal(db(env, "migrate", url), "table subscriber is version 8 now; subscriber_v7 is what it was\n", "migrate")
    equal(database.execute("SELECT username, domain, password, ha1 FROM subscriber").fetchall(),
          [("alice", "example.com", "secret", "")], "the rows")
    equal(database.execute("SELECT email FROM subscriber_v7").fetchall(), [("a@b",)], "the rows before")
    equal(db(env, "migrate", url), "no table is older than this server\n", "migrate again")


def test_mistakes(env):
    for words, status, said in ((["create", "sqlite:/x"], 1, "expected sqlite:///FILE"),
                                (["create", f"sqlite://{env.directory}/x.db", "nothing"], 1, "no table nothing is known"),
                                (["create", "nosql://host/x"], 1, "cannot open 'db_nosql.so'"),
                                (["show", f"sqlite://{env.directory}/not_there.db"], 1, "there is no file"),
                                (["create", "sqlite:///nowhere/x.db"], 1, "unable to open database file"),
                                (["create"], 2, "usage:"), (["drop", "sqlite:///x"], 2, "usage:")):
        check(said in db(env, *words, status=status), f"{words}: {said}")
