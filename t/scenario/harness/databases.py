"""Databases: files of SQLite, and MariaDB as Debian has it, on a port and in a directory of its own."""
import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import subprocess
import time

from .server import free_tcp_port

PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin", "/usr/libexec"])
START_LIMIT = 60
SMALL = ["--skip-log-bin", "--innodb-buffer-pool-size=16M", "--innodb-log-file-size=8M", "--performance-schema=OFF",
         "--innodb-use-native-aio=OFF"]


def create_tables(env, url, *tables):
    """opensipsctl db create"""
    subprocess.run([env.build / "opensipsctl", "db", "-m", env.build / "modules", "create", url, *tables],
                   check=True, stdout=subprocess.DEVNULL)


def add_user(env, url, name, password):
    """opensipsctl user add: name is NAME@DOMAIN"""
    subprocess.run([env.build / "opensipsctl", "user", "-m", env.build / "modules", "add", url, name,
                    "--password", password], check=True, stdout=subprocess.DEVNULL)


class SqliteFile:
    """A file with all tables."""

    module = "db_sqlite"

    def __init__(self, env):
        self.file = env.directory / "opensips.db"
        self.url = f"sqlite://{self.file}"
        create_tables(env, self.url)

    def query(self, text):
        """Its rows, as tuples."""
        database = sqlite3.connect(self.file, isolation_level=None)
        try:
            return database.execute(text).fetchall()
        finally:
            database.close()


def state_of(task):
    """Of a thread, by its folder in /proc: "R", "S", "T" …; one that has ended stands still too."""
    try:
        return (task / "stat").read_text().rpartition(") ")[2][0]
    except OSError:
        return "T"


class MariaDb:
    """A server with all tables in the database `opensips`. It may be stopped, frozen, and started again."""

    module = "db_mysql"
    USER, PASSWORD = "opensips", "s@cret"

    def __init__(self, env, tables=True):
        self.env, self.ip = env, env.ip
        if not shutil.which("mariadbd", path=PATH):
            env.skip("no mariadbd")
        self.port = free_tcp_port(self.ip)
        self.directory = env.directory / "mariadb"
        self.url = f"mysql://{self.USER}:s%40cret@{self.ip}:{self.port}/opensips"
        self.process = None
        # In the usual directory for what is temporary several servers would be in each other's way.
        temporary = env.directory / "tmp"
        temporary.mkdir()
        self.own = [f"--tmpdir={temporary}", *(["--user=root"] if os.geteuid() == 0 else [])]
        with open(env.directory / "mariadb.log", "wb") as log:
            subprocess.run(["mariadb-install-db", "--no-defaults", f"--datadir={self.directory}", "--skip-test-db",
                            "--auth-root-authentication-method=normal", *SMALL, *self.own], check=True,
                           stdout=log, stderr=log, env={**os.environ, "PATH": PATH})
        (env.directory / "users.sql").write_text(
            f"CREATE USER IF NOT EXISTS '{self.USER}'@'%' IDENTIFIED BY '{self.PASSWORD}';\n"
            f"GRANT ALL ON *.* TO '{self.USER}'@'%';\n")
        env.open.append(self)
        self.start()
        if tables:
            create_tables(env, self.url)

    def start(self):
        with open(self.env.directory / "mariadb.log", "ab") as log:
            self.process = subprocess.Popen(
                ["mariadbd", "--no-defaults", f"--datadir={self.directory}", f"--bind-address={self.ip}",
                 f"--port={self.port}", "--socket=own.sock", "--skip-name-resolve", *SMALL,
                 f"--init-file={self.env.directory / 'users.sql'}", *self.own],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={**os.environ, "PATH": PATH})
        deadline = time.monotonic() + START_LIMIT * self.env.patience
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.env.fail("MariaDB does not start: see mariadb.log")
            time.sleep(0.1)

    def answers(self):
        """It greets who connects."""
        try:
            with socket.create_connection((self.ip, self.port), 5) as connection:
                return len(connection.recv(5)) == 5
        except OSError:
            return False

    def query(self, text):
        """Its rows, each a tuple of texts."""
        done = subprocess.run(["mariadb", "--no-defaults", f"-h{self.ip}", f"-P{self.port}", f"-u{self.USER}",
                               f"-p{self.PASSWORD}", "-N", "-B", "opensips", "-e", text],
                              check=True, capture_output=True, text=True)
        return [tuple(line.split("\t")) for line in done.stdout.splitlines()]

    def stop(self):
        self.process.terminate()
        self.process.wait(START_LIMIT)

    def kill(self):
        self.process.kill()
        self.process.wait(START_LIMIT)

    def freeze(self):
        """When this returns, all its threads stand still."""
        self.process.send_signal(signal.SIGSTOP)
        deadline = time.monotonic() + START_LIMIT
        while any(state_of(task) != "T" for task in pathlib.Path(f"/proc/{self.process.pid}/task").iterdir()):
            if time.monotonic() > deadline:
                self.env.fail("MariaDB does not stand still")
            time.sleep(0.01)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def close(self):
        if self.process and self.process.poll() is None:
            self.kill()
