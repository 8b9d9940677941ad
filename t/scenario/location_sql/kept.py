"""A server whose contacts are in a database, and those that come after it; clients that register."""
import signal
import time

from harness import SqliteFile, Stream, equal, fresh, wait_for_statistic
from harness.message import param_of, uri_of

THROUGH, BACK, ONLY = "single-instance-sql-write-through", "single-instance-sql-write-back", "sql-only"


def kill(server):
    server.expected_status = -signal.SIGKILL
    server.signal(signal.SIGKILL)
    server.wait(5)


class Kept:
    def __init__(self, env, mode=THROUGH, database=None, modparams=(), start=True, transports=("udp",),
                 **globals_):
        self.env, self.database = env, database or SqliteFile(env)
        self.modparams = [("usrloc", "working_mode_preset", mode), ("usrloc", "timer_interval", 1), *modparams]
        self.globals = {"db_default_url": f'"{self.database.url}"', **globals_}
        self.port, self.transports = None, transports
        self.phone = env.endpoint("phone")
        self.cseq = 0
        if start:
            self.start()

    def start(self):
        self.server = self.env.server("registrar.lua", modules=[self.database.module], modparams=self.modparams,
                                      globals_=self.globals, port=self.port, transports=self.transports)
        self.port = self.server.address[1]

    def restart(self, end=kill):
        end(self.server)
        self.start()

    def request(self, user, *contacts, call_id=None, **headers):
        """A REGISTER of user@HOST."""
        request = self.phone.request("REGISTER", self.server.uri, f"sip:{user}@{self.env.ip}",
                                     call_id=call_id or fresh("reg")).remove("Contact")
        self.cseq += 1
        request.set("CSeq", f"{self.cseq} REGISTER")
        for contact in contacts:
            request.add("Contact", contact)
        for name, value in headers.items():
            request.set(name.replace("_", "-"), value)
        return request

    def register(self, user, *contacts, code=200, **headers):
        answer = self.phone.transact(self.request(user, *contacts, **headers), self.server)
        equal(answer.code, code, f"REGISTER of {user}")
        return answer

    def bindings(self, user):
        """What a query says: expires by contact."""
        return {uri_of(one): int(param_of(one, "expires")) for one in self.register(user).all("Contact")}

    def command(self, name, *params):
        with Stream(self.server.control_socket, timeout=60) as client:
            return client.call(name, list(params))["result"]

    def contacts(self):
        """All that the server has, by AoR and contact."""
        return {(one["AOR"], contact["Contact"]): contact
                for one in self.command("ul_dump")["Domains"][0]["AORs"] for contact in one["Contacts"]}

    def statistic(self, name, value):
        wait_for_statistic(self.env, self.server, f"usrloc:{name}", value)

    def await_loaded(self):
        self.statistic("loading", 0)

    def rows(self, columns="count(*)", where="1=1"):
        return self.database.query(f"SELECT {columns} FROM location WHERE {where} ORDER BY contact")

    def await_rows(self, count, where="1=1"):
        deadline = time.monotonic() + 20 * self.env.patience
        while int(self.rows(where=where)[0][0]) != count:
            if time.monotonic() > deadline:
                self.env.fail(f"{self.rows(where=where)} rows, not {count}")
            time.sleep(0.05)
