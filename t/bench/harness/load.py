"""The load: SIPp as caller and callee."""
import os
import signal
import socket
from dataclasses import dataclass

from .process import Process

SIPP = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "sipp")
USERS = 50000
PRELOAD_RATE = 4000


@dataclass(frozen=True)
class Workload:
    scenario: str
    rate: int            # per second
    unit: str
    callee: bool = False  # there is somebody to be called
    preload: bool = False  # all users are registered first
    lookup: bool = False  # calls go to where the user is registered
    tcp: bool = False     # over one connection on each side


WORKLOADS = {
    "call-udp": Workload("caller", 1500, "call", callee=True),
    "call-tcp": Workload("caller", 1000, "call", callee=True, tcp=True),
    "options": Workload("options", 8000, "request"),
    "register": Workload("register", 8000, "request", preload=True),
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
    server_cpus: frozenset  # none: any
    load_cpus: frozenset


def free_ports(ip):
    """Three ports in a row that nobody has, over UDP and TCP."""
    for first in range(15060, 16060, 10):
        taken = []
        try:
            for port in range(first, first + 3):
                for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
                    taken.append(socket.socket(socket.AF_INET, kind))
                    taken[-1].bind((ip, port))
            return range(first, first + 3)
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
    path = os.path.join(directory, "users.csv")
    with open(path, "w") as users:
        users.write("SEQUENTIAL\n")
        users.writelines(f"{200000 + n};\n" for n in range(USERS))
    return path


class Sipp:
    """One SIPp, with the counters that it writes down each second."""

    def __init__(self, place, scenario, port, arguments, tcp=False):
        self.name = f"{scenario}-{port}"
        self._stat = os.path.join(place.directory, self.name + ".csv")
        if os.path.exists(self._stat):
            os.unlink(self._stat)
        command = ["sipp", "-sf", os.path.join(SIPP, scenario + ".xml"), "-i", place.ip, "-p", str(port),
                   "-t", "t1" if tcp else "u1", "-key", "uri_params", ";transport=tcp" if tcp else "", "-nostdin", "-trace_stat", "-stf", self._stat, "-fd", "1", "-f", "3600", "-timer_resol", "1",
                   "-buff_size", str(4 << 20), "-max_recv_loops", "4000", "-max_sched_loops", "4000",
                   "-deadcall_wait", "1000", "-watchdog_minor_maxtriggers", "1000000",
                   "-watchdog_major_maxtriggers", "1000000", *arguments]
        self.process = Process(command, place.directory, os.path.join(place.directory, self.name + ".log"),
                               place.load_cpus)

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
    return Sipp(place, "callee", place.callee_port, [], workload.tcp)


def caller(place, workload, users, rate):
    server = f"{place.ip}:{place.port}"
    return Sipp(place, workload.scenario, place.caller_port,
                [server, "-inf", users, "-key", "callee", f"{place.ip}:{place.callee_port}", "-r", str(rate),
                 "-l", str(4 * rate)], workload.tcp)


def preload(place, users):
    """Registers every user once."""
    server = f"{place.ip}:{place.port}"
    sipp = Sipp(place, "register", place.caller_port,
                [server, "-inf", users, "-key", "callee", f"{place.ip}:{place.callee_port}", "-r", str(PRELOAD_RATE),
                 "-m", str(USERS), "-l", str(4 * PRELOAD_RATE)])
    try:
        ended = sipp.process.wait(USERS / PRELOAD_RATE + 30)
    finally:
        sipp.process.stop()
    rows = sipp.counters()
    if not ended or not rows or rows[-1][1] < USERS:
        raise RuntimeError(f"not all users could register: {rows[-1:]}")
