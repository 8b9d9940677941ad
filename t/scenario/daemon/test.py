"""Without -D: the command returns when the server answers, or fails with its status; the pid file names it."""
import os
import pathlib
import signal
import subprocess
import time

from harness import check, equal


class Detached:
    """Ends a server that has left our process group."""

    def __init__(self, pid_file):
        self.pid_file = pid_file

    def pid(self):
        try:
            return int(self.pid_file.read_text())
        except (OSError, ValueError):
            return None

    def running(self):
        pid = self.pid()
        return bool(pid) and pathlib.Path(f"/proc/{pid}/exe").exists() and \
            os.readlink(f"/proc/{pid}/exe").endswith("/opensips")

    def close(self):
        if self.running():
            os.kill(self.pid(), signal.SIGKILL)


def start(env, server):
    return subprocess.run([env.build / "opensips", "-f", server.config_path], timeout=20 * env.patience, check=False,
                          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode


def prepare(env, script="relay.lua"):
    detached = Detached(env.directory / "opensips.pid")
    env.open.append(detached)
    server = env.server(script, start=False, globals_={"pid_file": f'"{detached.pid_file}"',
                                                       "log_file": f'"{env.directory / "daemon.log"}"'})
    return server, detached


def test(env):
    server, detached = prepare(env)
    equal(start(env, server), 0, "the status of the command")
    check(detached.running(), f"the pid file says {detached.pid()}")
    caller = env.endpoint("caller")
    equal(caller.transact(caller.request("OPTIONS", server.uri), server).code, 404, "the answer")
    pid = detached.pid()
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + 5 * env.patience
    while pathlib.Path(f"/proc/{pid}").exists() and \
            "Z" not in pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[-1][:3]:
        check(time.monotonic() < deadline, "it does not stop")
        time.sleep(0.05)


def test_that_cannot_start(env):
    server, detached = prepare(env, "this is\nno script\n")
    check(start(env, server) > 0, "the command said all is well")
    check(not detached.running(), "something runs")
