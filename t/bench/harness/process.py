"""A program that is measured: started in a session of its own, its CPU time and memory read from /proc, stopped with all
of its children."""
import ctypes
import os
import resource
import signal
import subprocess
import time

_PDEATHSIG = 1
_libc = ctypes.CDLL(None)
_TICKS = os.sysconf("SC_CLK_TCK")


def busy_seconds():
    """CPU time that all programs of this machine have used so far, with what the host took away."""
    with open("/proc/stat") as stat:
        user, nice, system, _, _, irq, softirq, steal = map(int, stat.readline().split()[1:9])
    return (user + nice + system + irq + softirq + steal) / _TICKS


def sessions(leaders):
    """The processes of the sessions that these have begun."""
    found = []
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat") as stat:
                session = int(stat.read().rpartition(")")[2].split()[3])
        except OSError:
            continue
        if session in leaders:
            found.append(int(name))
    return found


def cpu_seconds(pids):
    """CPU time of all threads of these processes, to the nanosecond, as the scheduler counts it."""
    total = 0
    for pid in pids:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/schedstat") as stat:
                total += int(stat.read().split()[0])
    return total / 1e9


def memory_mib(pids):
    """Memory in use; what processes share counts once (proportional set size)."""
    total = 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/smaps_rollup") as rollup:
                total += sum(int(line.split()[1]) for line in rollup if line.startswith("Pss:"))
        except ProcessLookupError:  # it has ended, and nobody has asked how
            pass
    return total / 1024


class Process:
    """Started at once, on these CPUs; output goes to `log`. Ends with this program, whatever happens to it."""

    def __init__(self, command, directory, log, cpus=None):
        self.command = command
        self.log = log
        self._cpus = cpus
        with open(log, "wb") as out:
            self._child = subprocess.Popen(command, cwd=directory, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                           start_new_session=True, preexec_fn=self._prepare)
        self.pid = self._child.pid

    def _prepare(self):
        _libc.prctl(_PDEATHSIG, signal.SIGKILL)
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        if self._cpus:
            os.sched_setaffinity(0, self._cpus)

    def pids(self):
        return sessions({self.pid})

    def running(self):
        return self._child.poll() is None

    def ask(self, number):
        if self.running():
            os.kill(self.pid, number)

    def wait(self, seconds):
        """True if it has ended by itself."""
        try:
            self._child.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def stop(self):
        """Asks it to end, insists after a while, and takes care that no child of it stays."""
        self.ask(signal.SIGTERM)
        self.wait(5)
        for _ in range(50):
            left = self.pids()
            if not left:
                break
            for pid in left:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            self.wait(0.02)
            time.sleep(0.02)
        self._child.wait()

    def tail(self, size=1500):
        with open(self.log, "rb") as log:
            return log.read()[-size:].decode("utf8", "replace")
