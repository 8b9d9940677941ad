"""The server under test."""
import os
import pathlib
import re
import signal
import socket
import subprocess
import time

from .message import fresh

STOP_LIMIT = 5.0    # seconds for a clean stop after SIGTERM
START_LIMIT = 10.0  # and until it answers after its start
SANITIZER = re.compile(r"ERROR: AddressSanitizer|WARNING: ThreadSanitizer|ERROR: LeakSanitizer|runtime error:|"
                       r"Assertion .* failed|terminate called")
# Now and then the leak search itself dies, at a thread that is ending: then it has said nothing, good or bad.
LEAK_SEARCH_DIED = re.compile(r"Tracer caught signal|LeakSanitizer has encountered a fatal error")


def sanitizer_options():
    """The environment of a server: what the caller set stands."""
    env = dict(os.environ)
    env.setdefault("ASAN_OPTIONS", "exitcode=66:strict_string_checks=1:detect_stack_use_after_return=1")
    env.setdefault("UBSAN_OPTIONS", "print_stacktrace=1")
    env.setdefault("TSAN_OPTIONS", "second_deadlock_stack=1")
    return env


def free_tcp_port(ip):
    with socket.socket(socket.AF_INET6 if ":" in ip else socket.AF_INET) as s:
        s.bind((ip, 0))
        return s.getsockname()[1]


def host_of(ip):
    return f"[{ip}]" if ":" in ip else ip


class Server:
    """script: a file of the scenario or of common/, with @NAME@ filled from `values`, or a text of several lines.
    sockets: the IP addresses to listen on, each at a port of its own. modules: the names of those to load.
    modparams: (module, name, value).
    tls: parameters of tls_mgm as (name, value); then it listens on tls_address too.
    globals_: more global parameters as {name: value}. config: a whole opensips.cfg instead of all that."""

    def __init__(self, env, script, values=None, workers=2, sockets=None, modules=(), modparams=(), globals_=None,
                 log_level=3, config=None, probe=True, port=None, transports=("udp",), tls=None):
        self.env = env
        self.number = len(env.servers)
        self.addresses = [(ip, port or env.port(ip)) for ip in (sockets or [env.ip])]
        self.address = self.addresses[0]
        self.hostport = f"{host_of(self.address[0])}:{self.address[1]}"
        self.uri = f"sip:{self.hostport}"
        self.tls_address = (self.address[0], free_tcp_port(self.address[0])) if tls is not None else None
        self.log_path = env.directory / f"server{self.number}.log"
        self.config_path = env.directory / f"opensips{self.number}.cfg"
        given = (globals_ or {}).get("control_socket", "").strip('"')
        self.control_socket = pathlib.Path(given or env.directory / f"control{self.number}.sock")
        self.probe = probe
        self.transports = transports  # of each of the addresses
        self.process = None
        self.status = None   # exit status, once it has ended
        self.expected_status = 0
        if config is None:
            values = {"SERVER": self.hostport, "IP": env.ip, **(values or {})}
            script = str(script)
            if pathlib.Path(script).is_absolute():
                self.script_path = pathlib.Path(script)
            else:
                self.script_path = env.fill(script, values, f"route{self.number}.lua")
            modparams = [*modparams, *(("tls_mgm", name, value) for name, value in tls or ())]
            config = self._config(workers, modules, modparams, globals_ or {}, log_level)
        self.config_path.write_text(config)

    def _config(self, workers, modules, modparams, globals_, log_level):
        # With a sanitizer a load that is none without it would be shed.
        patient = {"overload_limit": 0} if self.env.sanitizer else {}
        globals_ = {"control_socket": f'"{self.control_socket}"', **patient, **globals_}
        lines = [f"log_level={log_level}", "stderror_enabled=yes", f"workers={workers}"]
        lines += [f"socket={transport}:{host_of(ip)}:{port}" for ip, port in self.addresses
                  for transport in self.transports]
        if self.tls_address:
            lines.append(f"socket=tls:{host_of(self.tls_address[0])}:{self.tls_address[1]}")
        lines += [f'script="{self.script_path}"', f'lua_path="{self.env.root / "lua"}"']
        lines += [f"{name}={value}" for name, value in globals_.items()]
        if modules:
            lines.append(f'mpath="{self.env.build / "modules"}"')
        lines += [f'loadmodule "{module}.so"' for module in modules]
        for module, name, value in modparams:
            value = f'"{value}"' if isinstance(value, str) else value
            lines.append(f'modparam("{module}", "{name}", {value})')
        return "\n".join(lines) + "\n"

    # Life

    def launch(self):
        """Starts the process, waits for nothing."""
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [str(self.env.build / "opensips"), "-f", str(self.config_path), "-D"],
                cwd=self.env.directory, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=sanitizer_options())
        return self

    def start(self):
        """Starts it and waits until every socket answers a request of a SIP version that never was: 505, and
        no script sees it."""
        self.launch()
        if self.probe:
            for address in self.addresses:
                self.await_answer(address)
        return self

    def await_answer(self, address):
        v6, word = ":" in address[0], fresh("probe")
        deadline = time.monotonic() + START_LIMIT * self.env.patience
        with socket.socket(socket.AF_INET6 if v6 else socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.bind(("::1" if v6 else self.env.ip, 0))
            s.settimeout(0.1)
            me = f"{host_of(s.getsockname()[0])}:{s.getsockname()[1]}"
            while time.monotonic() < deadline:
                if self.process.poll() is not None:
                    self.status = self.process.returncode
                    self.env.fail(f"the server ended at its start with status {self.status}: {self.last_line()}")
                call_id = fresh(word)
                s.sendto((f"OPTIONS sip:{host_of(address[0])}:{address[1]} SIP/7.0\r\n"
                          f"Via: SIP/2.0/UDP {me};branch=z9hG4bK{call_id}\r\nMax-Forwards: 1\r\n"
                          f"From: <sip:probe@{me}>;tag=p\r\nTo: <sip:{self.hostport}>\r\nCall-ID: {call_id}\r\n"
                          "CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n").encode(), address)
                try:
                    while True:
                        if word.encode() in s.recv(65536):  # an answer to this one or an earlier one
                            return
                except OSError:
                    time.sleep(0.02)
        self.env.fail(f"the server does not answer on {address[0]}:{address[1]}")

    def wait(self, limit):
        """The exit status, or None when it still runs after that many seconds."""
        try:
            self.status = self.process.wait(limit)
        except subprocess.TimeoutExpired:
            return None
        return self.status

    def run_to_end(self, limit=10.0):
        """For a server that must not start: the exit status."""
        self.launch()
        status = self.wait(limit * self.env.patience)
        if status is None:
            self.env.fail("the server started, it should have refused")
        return status

    def signal(self, number):
        self.process.send_signal(number)

    def stop(self):
        """SIGTERM: it ends by itself in time, with status 0, and no sanitizer has anything to say."""
        if self.process is None or self.status is not None:
            return
        died = self.process.poll() is not None
        if not died:
            self.signal(signal.SIGTERM)
        if self.wait(STOP_LIMIT * self.env.patience) is None:
            self.process.kill()
            self.wait(10)
            self.env.fail(f"the server did not stop within {STOP_LIMIT * self.env.patience:.0f} s of SIGTERM")
        if died:
            self.env.fail(f"the server died: {ending(self.status)}")
        if self.status != self.expected_status and not LEAK_SEARCH_DIED.search(self.log()):
            self.env.fail(f"the server stopped with {ending(self.status)}")

    def close(self):
        try:
            self.stop()
        finally:
            if self.process and self.process.poll() is None:
                self.process.kill()
                self.process.wait()
        found = SANITIZER.search(self.log())
        if found:
            self.env.fail(f"in the server's log: {found.group(0)}")

    # Looking at it

    def log(self):
        try:
            return self.log_path.read_text(errors="replace")
        except OSError:
            return ""

    def last_line(self):
        lines = [line for line in self.log().splitlines() if line.strip()]
        return lines[-1] if lines else "(no output)"

    def wait_log(self, pattern, why="", timeout=5.0):
        """The first match of a regular expression in the log; waits for it, since logging is asynchronous."""
        deadline = time.monotonic() + timeout * self.env.patience
        while True:
            found = re.search(pattern, self.log())
            if found:
                return found
            if time.monotonic() > deadline:
                self.env.fail(f"the log has no {pattern!r} {why}")
            time.sleep(0.05)

    def rss_kb(self):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        return 0

    def report(self):
        if self.process is None:
            return ""
        lines = self.log().splitlines()
        return "\n".join([f"--- log of the server {self.hostport} ({ending(self.process.poll())})"] + lines[-30:])


def ending(status):
    if status is None:
        return "running"
    return f"signal {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
