"""One measurement: a peer under a steady load, looked at from outside through a window."""
import contextlib
import os
import time
from dataclasses import dataclass

from . import load, peers
from .process import busy_seconds, cpu_seconds, memory_mib

NOISE = 0.15  # CPUs that other programs may use before a measurement counts as disturbed


@dataclass(frozen=True)
class Case:
    """What is measured, apart from the peer."""
    workload: str
    workers: int
    pinned: bool
    part: int = 1  # of the load: 2 is half of it

    def title(self):
        how = "server on CPU 0" if self.pinned else "not pinned"
        how += f", 1/{self.part} of the load" * (self.part > 1)
        return f"{self.workload}, {self.workers} worker{'s' * (self.workers > 1)}, {how}"


@dataclass(frozen=True)
class Timing:
    rate: int        # calls or requests per second
    warm: float      # seconds of load before the window
    window: float    # seconds
    patience: float  # seconds to wait for a quiet machine


@dataclass
class Result:
    peer: str
    case: Case
    round: int
    micros: float = 0.0   # CPU time per call or request
    memory: float = 0.0   # MiB at the end of the window
    rate: float = 0.0     # as achieved
    failed: int = 0
    retransmitted: int = 0
    other: float = 0.0    # CPUs that other programs used in the window
    trouble: str = ""     # why it does not count

    def disturbed(self):
        return self.other > NOISE

    def line(self):
        text = (f"{self.peer:13} {self.micros:7.2f} us  {self.memory:7.1f} MiB  {self.rate:7.1f}/s"
                f"  others used {self.other:.2f} CPU")
        if self.retransmitted:
            text += f"  {self.retransmitted} retransmitted"
        return text + (f"  DOES NOT COUNT: {self.trouble}" if self.trouble else "")


def wait_for_quiet(patience):
    """Returns when others have used little for a second, or after this many seconds."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        before = busy_seconds()
        time.sleep(1)
        if busy_seconds() - before < NOISE:
            return


def _judge(result, asked):
    calls = max(1.0, result.rate)
    if result.failed > 0.001 * calls:
        return f"{result.failed} failed"
    if result.retransmitted > 0.02 * calls:
        return "too many retransmissions"
    if result.rate < 0.97 * asked:
        return f"{asked}/s were asked for"
    return ""


def _through_window(result, server, callers, timing):
    """CPU time, calls and memory of a window; fills in the result. Called when the load has warmed up."""
    seen, loading = server.pids(), [sipp.process.pid for sipp in callers]
    begin, busy, cpu, own = time.time(), busy_seconds(), cpu_seconds(seen), time.process_time()
    load_cpu = cpu_seconds(loading)
    time.sleep(timing.window)
    used = cpu_seconds(seen) - cpu
    end = time.time()
    mine = used + cpu_seconds(loading) - load_cpu + time.process_time() - own
    result.other = max(0.0, (busy_seconds() - busy - mine) / (end - begin))
    result.memory = memory_mib(seen)
    time.sleep(1.3)  # until SIPp has written a row behind the end of the window
    counted = load.between(callers[0].counters(), begin, end)
    if not server.running():
        result.trouble = "it has ended: " + server.tail(300)
        return
    if not counted or counted[0] < 1:
        result.trouble = "no calls were counted: " + callers[0].process.tail(300)
        return
    calls, result.failed, result.retransmitted = counted[0], round(counted[1]), round(counted[2])
    result.micros = used * 1e6 / calls
    result.rate = calls / (end - begin)
    result.trouble = _judge(result, timing.rate)


@contextlib.contextmanager
def under_load(name, peer, case, place, timing):
    """The peer under its load, warmed up: gives the server's process and the SIPps, the caller first. All are stopped at
    the end."""
    workload = load.WORKLOADS[case.workload]
    if workload.tls:
        load.make_certificate(place.directory)
    server, sipps, ties = peers.start(peer, name, place, workload, case.workers), [], []
    try:
        if workload.tls:
            ties = load.ties(place)
        if workload.idle:
            ties.append(load.hold(place, workload.idle))
        users = load.write_users(place.directory)
        if workload.held:
            load.hold_calls(place, workload, users)
        if workload.preload and peer.keeps_bindings:
            load.preload(place, users)
        if workload.callee:
            sipps.append(load.callee(place, workload))
            time.sleep(0.3)
        sipps.insert(0, load.caller(place, workload, users, timing.rate, not peer.keeps_bindings))
        time.sleep(timing.warm)
        yield server, sipps
    finally:
        for one in sipps + ties:
            one.finish()
        server.stop()


def measure(name, peer, case, place, timing, number):
    """Starts peer and load, measures, stops them."""
    result = Result(name, case, number)
    try:
        with under_load(name, peer, case, place, timing) as (server, sipps):
            _through_window(result, server, sipps, timing)
    except (RuntimeError, OSError) as error:
        result.trouble = str(error)
    return result


def measure_quietly(name, peer, case, place, timing, number):
    """The same when nothing else runs, again if something did: the least disturbed one when patience ends."""
    until = time.monotonic() + timing.patience
    best = None
    while True:
        wait_for_quiet(max(0.0, until - time.monotonic()))
        result = measure(name, peer, case, place, timing, number)
        if best is None or (bool(result.trouble), result.other) < (bool(best.trouble), best.other):
            best = result
        if (not best.trouble and not best.disturbed()) or time.monotonic() > until:
            return best


def cpus(pinned):
    """(of the server, of the load)"""
    every = sorted(os.sched_getaffinity(0))
    if not pinned or len(every) < 2:
        return frozenset(), frozenset()
    return frozenset(every[:1]), frozenset(every[1:])
