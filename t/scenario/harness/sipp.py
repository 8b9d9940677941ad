"""SIPp runs and what their statistics say."""
import csv
import signal
import subprocess
import time


class Sipp:
    """scenario: `uac` or `uas` (SIPp's own), or an XML file of the scenario or of sipp/, with @NAME@ filled from
    `values`. Calls: a number of calls after which it ends. target: a Server or (ip, port), for the calling side.
    transport: SIPp's name of it (-t)."""

    def __init__(self, env, scenario, target=None, calls=None, rate=None, ip=None, port=None, values=None,
                 options=(), name=None, limit=None, transport=None):
        self.env = env
        self.name = name or scenario.removesuffix(".xml")
        self.ip = ip or env.ip
        self.port = port or env.port(self.ip)
        self.calls = calls
        n = len(env.open)
        self.stem = env.directory / f"sipp{n}-{self.name}"
        self.process = None
        host = f"[{self.ip}]" if ":" in self.ip else self.ip
        self.hostport = f"{host}:{self.port}"
        command = ["sipp", "-nostdin", "-i", self.ip, "-p", str(self.port), "-mi", self.ip,
                   "-buff_size", "1000000"]
        if scenario in ("uac", "uas"):
            command += ["-sn", scenario]
        else:
            values = {"CONTACT": "[local_ip]:[local_port];transport=[transport]", **(values or {})}
            command += ["-sf", str(env.fill(scenario, values, f"sipp{n}-{scenario}"))]
        if target is not None:
            ip_to, port_to = getattr(target, "address", target)
            command.append(f"[{ip_to}]:{port_to}" if ":" in ip_to else f"{ip_to}:{port_to}")
        if calls:
            command += ["-m", str(calls)]
        if rate:
            command += ["-r", str(rate)]
        if limit:
            command += ["-l", str(limit)]
        if transport:
            command += ["-t", transport]
        command += ["-trace_stat", "-stf", f"{self.stem}.csv", "-fd", "1"]
        command += ["-trace_err", "-error_file", f"{self.stem}.errors"]
        self.command = command + list(options)

    @property
    def address(self):
        return (self.ip, self.port)

    def uri(self, user="callee"):
        return f"sip:{user}@{self.hostport}"

    def start(self):
        with open(f"{self.stem}.out", "wb") as out:
            self.process = subprocess.Popen(self.command, cwd=self.env.directory, stdin=subprocess.DEVNULL,
                                            stdout=out, stderr=subprocess.STDOUT)
        return self

    def wait(self, timeout=60):
        """The exit status: 0 when every call was good."""
        try:
            return self.process.wait(timeout * self.env.patience)
        except subprocess.TimeoutExpired:
            self.env.fail(f"sipp {self.name} still runs after {timeout * self.env.patience:.0f} s: "
                          f"{self.statistics()}")
        return None

    def finish(self, timeout=60, repeated=False):
        """Waits, and fails unless every call was good and no message was unexpected. Returns the statistics.
        repeated: where time stands still, UDP may bring a message again after its call has ended."""
        status = self.wait(timeout)
        stats = self.statistics()
        unwanted = ("failed", "out_of_call") + (() if repeated else ("dead_call",))
        bad = {k: v for k, v in stats.items() if v and k in unwanted}
        if status != 0 or bad or (self.calls and stats.get("successful") != self.calls):
            self.env.fail(f"sipp {self.name}: status {status}, {stats}")
        return stats

    def stop(self, timeout=10):
        """For a called side without a number of calls: no new calls, those that are end. SIGUSR1 is SIPp's `q`."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGUSR1)
            try:
                self.process.wait(timeout)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return self.statistics()

    def statistics(self):
        """The last line of the statistics: successful, failed, retransmissions, out_of_call, dead_call, running."""
        try:
            with open(f"{self.stem}.csv", newline="") as file:
                rows = list(csv.DictReader(file, delimiter=";"))
        except OSError:
            rows = []
        if not rows:
            return {}
        row = rows[-1]

        def number(column):
            try:
                return int(row.get(column) or 0)
            except ValueError:
                return 0

        return {"successful": number("SuccessfulCall(C)"), "failed": number("FailedCall(C)"),
                "retransmissions": number("Retransmissions(C)"), "out_of_call": number("OutOfCallMsgs(C)"),
                "dead_call": number("DeadCallMsgs(C)"), "running": number("CurrentCall")}

    def await_calls(self, count, timeout=30):
        """Waits until that many calls succeeded."""
        deadline = time.monotonic() + timeout * self.env.patience
        while self.statistics().get("successful", 0) < count:
            if time.monotonic() > deadline or self.process.poll() is not None:
                self.env.fail(f"sipp {self.name}: {self.statistics()}, {count} calls were awaited")
            time.sleep(0.2)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def report(self):
        text = ""
        for kind in ("out", "errors"):
            try:
                with open(f"{self.stem}.{kind}", errors="replace") as file:
                    lines = [line.rstrip() for line in file if line.strip()]
            except OSError:
                continue
            if kind == "out":
                if self.process.poll() == 0:
                    continue
                lines = lines[-12:]
            if lines:
                text += f"--- sipp {self.name}, {kind}\n" + "\n".join(lines[:16]) + "\n"
        return text.rstrip("\n")
