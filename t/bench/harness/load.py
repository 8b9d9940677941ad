"""The load: SIPp as caller and callee."""
import os
import signal
import socket
import subprocess
import time
from dataclasses import dataclass

from .process import Process

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SIPP = os.path.join(HERE, "sipp")
TIE = os.path.join(os.path.dirname(HERE), "tools", "tls_tie.c")
USERS = 50000
CALLERS = 1000
PASSWORD = "secret"
DOMAIN = "home.example"   # in residential.xml too
PRELOAD_RATE = 4000
HELD_RATE = 2000


@dataclass(frozen=True)
class Workload:
    scenario: str
    rate: int            # per second
    unit: str
    callee: bool = False  # there is somebody to be called
    preload: bool = False  # all users are registered first
    lookup: bool = False  # calls go to where the user is registered
    tcp: bool = False     # over one connection on each side
    tls: bool = False     # likewise, SIPp behind ties from TCP to TLS
    dialog: bool = False  # a dialog is kept for each call
    residential: bool = False  # callers prove who they are, and NAT is looked for; implies what is above
    bare_scenario: str = ""    # what the relay gets, which can challenge nobody
    idle: int = 0         # TLS connections that stand by meanwhile and say nothing; our server alone
    held: int = 0         # calls that go on meanwhile, established and silent; our server alone

    @property
    def ours_alone(self):
        return bool(self.idle or self.held)

    @property
    def streams(self):
        return self.tcp or self.tls

    @property
    def uri_params(self):
        return ";transport=tls" if self.tls else ";transport=tcp" if self.tcp else ""


WORKLOADS = {
    "call-udp": Workload("caller", 1500, "call", callee=True),
    "call-dialog": Workload("caller", 1500, "call", callee=True, dialog=True),
    "call-dialog-held": Workload("caller", 1500, "call", callee=True, dialog=True, held=100000),
    "call-tcp": Workload("caller", 1000, "call", callee=True, tcp=True),
    "call-tls": Workload("caller", 800, "call", callee=True, tls=True),
    "call-tls-idle": Workload("caller", 800, "call", callee=True, tls=True, idle=15000),
    "options": Workload("options", 8000, "request"),
    "register": Workload("register", 8000, "request", preload=True),
    "residential": Workload("residential", 800, "call", callee=True, preload=True, lookup=True, dialog=True,
                            residential=True, bare_scenario="caller"),
    "call-lookup": Workload("caller", 1500, "call", callee=True, preload=True, lookup=True),
}


@dataclass(frozen=True)
class Place:
    """Where a measurement happens."""
    directory: str
    ip: str
    port: int
    caller_port: int
    callee_port: int
    tls_port: int
    front_port: int         # of the tie before the server's TLS
    back_port: int          # of the one that it calls by TLS
    server_cpus: frozenset  # none: any
    load_cpus: frozenset


def free_ports(ip):
    """Six ports in a row that nobody has, over UDP and TCP."""
    for first in range(15060, 16060, 10):
        taken = []
        try:
            for port in range(first, first + 6):
                for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
                    taken.append(socket.socket(socket.AF_INET, kind))
                    taken[-1].bind((ip, port))
            return range(first, first + 6)
        except OSError:
            continue
        finally:
            for one in taken:
                one.close()
    raise RuntimeError("no free ports from 15060 on")


def local_place(directory, server_cpus, load_cpus):
    ip = "127.0.0.1"
    return Place(directory, ip, *free_ports(ip), server_cpus, load_cpus)


def write_users(directory):
    """A line for each: who is called, who calls, and how the caller proves that."""
    path = os.path.join(directory, "users.csv")
    with open(path, "w") as users:
        users.write("SEQUENTIAL\n")
        for n in range(USERS):
            caller = 300000 + n % CALLERS
            users.write(f"{200000 + n};{caller};[authentication username={caller} password={PASSWORD}]\n")
    return path


class Sipp:
    """One SIPp, with the counters that it writes down each second."""

    def __init__(self, place, scenario, port, arguments, tcp=False, uri_params=""):
        self.name = f"{scenario}-{port}"
        self._stat = os.path.join(place.directory, self.name + ".csv")
        if os.path.exists(self._stat):
            os.unlink(self._stat)
        command = ["sipp", "-sf", self._scenario(place, scenario), "-i", place.ip, "-p", str(port),
                   "-t", "t1" if tcp else "u1", "-key", "uri_params", uri_params, "-nostdin", "-trace_stat", "-stf", self._stat, "-fd", "1", "-f", "3600", "-timer_resol", "1",
                   "-buff_size", str(4 << 20), "-max_recv_loops", "4000", "-max_sched_loops", "4000",
                   "-deadcall_wait", "1000", "-watchdog_minor_maxtriggers", "1000000",
                   "-watchdog_major_maxtriggers", "1000000", *arguments]
        self.process = Process(command, place.directory, os.path.join(place.directory, self.name + ".log"),
                               place.load_cpus)

    @staticmethod
    def _scenario(place, name):
        """Its file. NAME-held is what NAME does until the call is established: nobody ends it."""
        name, _, held = name.partition("-")
        path = os.path.join(SIPP, name + ".xml")
        if not held:
            return path
        with open(path) as whole:
            begin = whole.read().partition("<!-- held: here -->")[0]
        path = os.path.join(place.directory, name + "-held.xml")
        with open(path, "w") as part:
            part.write(begin + "</scenario>\n")
        return path

    def counters(self):
        """A list of (time, succeeded, failed, retransmitted), since the start."""
        try:
            with open(self._stat) as file:
                lines = file.read().splitlines()
        except OSError:
            return []
        if not lines:
            return []
        head = lines[0].split(";")
        at = [head.index(name) for name in
              ("CurrentTime", "SuccessfulCall(C)", "FailedCall(C)", "Retransmissions(C)")]
        rows = [line.split(";") for line in lines[1:]]
        return [(float(row[at[0]].split("\t")[-1]), *(int(row[column]) for column in at[1:]))
                for row in rows if len(row) >= len(head) - 1]

    def finish(self, patience=4):
        """No new calls; those under way may end."""
        self.process.ask(signal.SIGUSR1)
        self.process.wait(patience)
        self.process.stop()


def between(counters, begin, end):
    """What was counted from one moment to another, with straight lines between the rows; None if there are no rows
    around."""
    def at(moment):
        for left, right in zip(counters, counters[1:]):
            if left[0] <= moment <= right[0]:
                part = (moment - left[0]) / (right[0] - left[0])
                return [a + part * (b - a) for a, b in zip(left[1:], right[1:])]
        return None
    first, last = at(begin), at(end)
    return first and last and [b - a for a, b in zip(first, last)]


def callee(place, workload):
    contact = place.back_port if workload.tls else place.callee_port
    return Sipp(place, "callee", place.callee_port, ["-key", "contact_port", str(contact)], workload.streams,
                workload.uri_params)


def caller(place, workload, users, rate, bare=False):
    server = f"{place.ip}:{place.front_port if workload.tls else place.port}"
    scenario = bare and workload.bare_scenario or workload.scenario
    return Sipp(place, scenario, place.caller_port,
                [server, "-inf", users, "-key", "callee", f"{place.ip}:{place.callee_port}", "-r", str(rate),
                 "-l", str(4 * rate)], workload.streams, workload.uri_params)


def make_certificate(directory):
    """One for all, for nobody looks at it."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                    "30", "-subj", "/CN=bench", "-keyout", f"{directory}/tls.key", "-out", f"{directory}/tls.pem"],
                   check=True, stderr=subprocess.DEVNULL)


class Tie:
    """t/tools/tls_tie between SIPp and what speaks TLS."""

    def __init__(self, place, name, arguments, patience=10):
        program = os.path.join(place.directory, "tls_tie")
        if not os.path.exists(program):
            subprocess.run(["cc", "-O2", "-o", program, TIE, "-lssl", "-lcrypto"], check=True)
        log = os.path.join(place.directory, name + ".log")
        self.process = Process([program, *arguments], place.directory, log, place.load_cpus)
        until = time.monotonic() + patience
        while "ready" not in self.process.tail() and self.process.running() and time.monotonic() < until:
            time.sleep(0.02)

    def finish(self):
        self.process.stop()


def ties(place):
    """Before the server, and behind it."""
    ip, directory = place.ip, place.directory
    return [Tie(place, "front", ["connect", ip, str(place.front_port), str(place.tls_port)]),
            Tie(place, "back", ["accept", f"{directory}/tls.pem", f"{directory}/tls.key", ip, str(place.back_port),
                                str(place.callee_port)])]


def hold(place, count):
    """So many TLS connections, from now on."""
    return Tie(place, "hold", ["hold", str(count), place.ip, str(place.tls_port)], 180)


def hold_calls(place, workload, users):
    """So many calls are established, and nobody ends them. SIPp does not keep them, the server does."""
    called = Sipp(place, "callee-held", place.callee_port, ["-key", "contact_port", str(place.callee_port)])
    try:
        time.sleep(0.3)
        run_to_end(place, "caller-held", users, workload.held, HELD_RATE)
    finally:
        called.process.stop()


def preload(place, users):
    """Registers every user once."""
    run_to_end(place, "register", users, USERS, PRELOAD_RATE)


def run_to_end(place, scenario, users, count, rate):
    """So many calls or requests, none of which may fail."""
    server = f"{place.ip}:{place.port}"
    sipp = Sipp(place, scenario, place.caller_port,
                [server, "-inf", users, "-key", "callee", f"{place.ip}:{place.callee_port}", "-r", str(rate),
                 "-m", str(count), "-l", str(4 * rate)])
    try:
        ended = sipp.process.wait(count / rate + 30)
    finally:
        sipp.process.stop()
    rows = sipp.counters()
    if not ended or not rows or rows[-1][1] < count:
        raise RuntimeError(f"{scenario}: not all of {count} went well: {rows[-1:]}")
