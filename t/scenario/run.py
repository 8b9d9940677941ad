#!/usr/bin/env python3
"""Runs the scenarios: the server on real sockets, called by SIPp, softphones and endpoints of the harness.

    run.py --build DIR [--only NAME]... [--jobs N] [--soak] [--list] [--keep] [--slowest N]

Prints `PASS name`, `FAIL name: why` or `SKIP name: why` for each; what went wrong comes before its line.
Exits with 1 if one failed. See README.md."""
import argparse
import functools
import importlib.util
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

LIMIT = 60         # seconds for a scenario, when it does not say LIMIT itself
GRACE = 30         # and for its child process to clean up after that
NOT_HERE = 77      # the status of what cannot run on this machine
SCALES = {"asan": 0.1, "tsan": 0.05, "debug": 0.3}
SLOWNESS = {"asan": 3, "tsan": 5, "debug": 2}  # multiplies the limits


class Scenario:
    """One test function of one folder."""

    def __init__(self, folder, module, function, alone):
        self.folder, self.function = folder, function
        short = function.removeprefix("test_").removeprefix("test")
        self.name = folder.name if alone or not short else f"{folder.name}/{short}"
        self.limit = getattr(module, "LIMIT", LIMIT)
        self.load = getattr(module, "LOAD", False)  # it keeps the machine busy: nothing else runs beside it
        self.alone = getattr(module, "ALONE", False)  # its load is as large under a sanitizer
        self.soak = getattr(module, "SOAK", False)  # it is what --soak runs, longer
        self.sctp = getattr(module, "SCTP", False)  # it needs a kernel that has SCTP


def load(folder):
    spec = importlib.util.spec_from_file_location(f"scenario_{folder.name}", folder / "test.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def discover():
    found = []
    for path in sorted(HERE.glob("*/test.py")):
        module = load(path.parent)
        functions = [name for name in vars(module) if name.startswith("test") and callable(vars(module)[name])]
        found += [Scenario(path.parent, module, name, len(functions) == 1) for name in functions]
    return found


def chosen(scenarios, only):
    unknown = [n for n in only if not any(n in (s.name, s.folder.name) for s in scenarios)]
    if unknown:
        sys.exit(f"no scenario {', '.join(unknown)}; --list shows them")
    return [s for s in scenarios if not only or s.name in only or s.folder.name in only]


# ---------------------------------------------------------------- in the child: one test function

def run_child(args):
    """Runs one function; leaves {verdict, why, log} in the result file. Everything it starts is in its process
    group, which goes when the runner does."""
    from harness import Env, Failure, Skip

    def watch_runner():
        while os.read(0, 1):
            pass
        os.killpg(0, signal.SIGKILL)

    def out_of_time(*_):
        raise Failure(f"took longer than {args.limit} s")

    threading.Thread(target=watch_runner, daemon=True).start()
    signal.signal(signal.SIGALRM, out_of_time)
    folder = HERE / args.child[0]
    env = Env(folder, args.build, args.child[2], args.variant, args.scale, args.soak)
    verdict, why, log = "PASS", "", ""
    signal.alarm(args.limit)
    try:
        getattr(load(folder), args.child[1])(env)
    except Skip as skip:
        verdict, why = "SKIP", str(skip)
    except Failure as failure:
        verdict, why = "FAIL", str(failure)
        log = "".join(traceback.format_tb(failure.__traceback__)[1:])
    except Exception as error:  # pylint: disable=broad-except
        verdict, why = "FAIL", f"{type(error).__name__}: {error}"
        log = traceback.format_exc()
    signal.alarm(0)
    try:
        env.close(verdict == "PASS")
    except Failure as failure:
        verdict, why = "FAIL", f"afterwards: {failure}"
    if verdict == "FAIL":
        log += env.report()
    (env.directory / "result.json").write_text(json.dumps({"verdict": verdict, "why": why, "log": log}))


# ---------------------------------------------------------------- in the runner

class Runner:
    def __init__(self, args):
        self.args = args
        self.lock = threading.Lock()
        self.running = set()
        self.guests = set()
        self.stopping = False
        self.failed = 0
        self.seconds = []  # (how long, name)

    def run(self, scenarios):
        from harness.kernel import has_sctp
        here = [s for s in scenarios if not s.sctp or has_sctp()]
        # Smaller loads have room beside others.
        alone = [s for s in here if s.alone or (s.load and self.args.scale == 1)]
        for scenario in alone:
            self._one(scenario)
        # Those that may take long first: none of them is waited for at the end.
        beside = sorted((s for s in reversed(here) if s not in alone), key=lambda s: s.limit > LIMIT and not s.load)
        todo = [functools.partial(self._one, s) for s in beside]
        guest = [s for s in scenarios if s not in here]
        if guest:
            todo.append(functools.partial(self._in_guest, guest))  # first, since it takes longest

        def work():
            while not self.stopping:
                with self.lock:
                    if not todo:
                        return
                    job = todo.pop()
                job()

        threads = [threading.Thread(target=work) for _ in range(max(1, self.args.jobs))]
        for thread in threads:
            thread.start()
        for thread in threads:
            while thread.is_alive():
                thread.join(0.2)  # so that a signal is seen at once

    def _one(self, scenario):
        if self.stopping:
            return
        directory = tempfile.mkdtemp(prefix="opensips-scenario-")
        try:
            start = time.monotonic()
            result = self._child(scenario, directory)
            self.seconds.append((time.monotonic() - start, scenario.name))
            if self.stopping:
                return
            kept = ""
            shutil.rmtree(self._kept(scenario), ignore_errors=True)  # of an earlier run
            if result["verdict"] == "FAIL" or self.args.keep:
                kept = self._keep(scenario, directory)
            self._say(scenario, result, kept)
        finally:
            shutil.rmtree(directory, ignore_errors=True)

    def _in_guest(self, scenarios):
        """All of them in one guest kernel: another run.py there, whose lines become ours."""
        from harness.kernel import guest_command, why_no_guest
        why, verdict, left = why_no_guest(self.args.variant), "SKIP", {s.name for s in scenarios}
        if not why:
            command = guest_command(3 * sum(s.limit for s in scenarios))
            command += [sys.executable, __file__, "--build", str(self.args.build), "--jobs", "1"]
            command += [word for s in scenarios for word in ("--only", s.name)]
            command += ["--keep"] if self.args.keep else []
            command += ["--soak"] if self.args.soak else []
            with self.lock:
                if self.stopping:
                    return
                child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                         stderr=subprocess.PIPE, text=True, errors="replace",
                                         start_new_session=True)  # it ends when it misses us
                self.guests.add(child)
            said = []
            for line in child.stdout:
                self._of_guest(line.rstrip("\n"), said, left)
            why, status = child.stderr.read().strip(), child.wait()
            self.guests.discard(child)
            if status != NOT_HERE:
                verdict, why = "FAIL", f"the guest kernel ended (status {status}) before it was over: {why}"
        for scenario in scenarios:
            if scenario.name in left and not self.stopping:
                self._say(scenario, {"verdict": verdict, "why": why, "log": ""}, "")

    def _of_guest(self, line, said, left):
        """What belongs to a verdict is printed with it, in one go."""
        said.append(line)
        verdict, _, rest = line.partition(" ")
        name = rest.split(":", 1)[0]
        if verdict not in ("PASS", "FAIL", "SKIP") or name not in left:
            return
        left.discard(name)
        with self.lock:
            self.failed += verdict == "FAIL"
            print("\n".join(said), flush=True)
        said.clear()

    def _child(self, scenario, directory):
        args = self.args
        limit = int(scenario.limit * slowness(args.variant))
        if args.soak:
            limit = 7200
        command = [sys.executable, __file__, "--build", str(args.build), "--child", scenario.folder.name,
                   scenario.function, directory, "--limit", str(limit)]
        if args.soak:
            command.append("--soak")
        with open(os.path.join(directory, "output"), "wb") as output:
            with self.lock:
                if self.stopping:
                    return {"verdict": "SKIP", "why": "stopped", "log": ""}
                child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=output, stderr=output,
                                         start_new_session=True)
                self.running.add(child)
            try:
                child.wait(limit + GRACE)
            except subprocess.TimeoutExpired:
                pass
            finally:
                kill_group(child)
                self.running.discard(child)
        try:
            with open(os.path.join(directory, "result.json"), encoding="utf-8") as file:
                return json.load(file)
        except (OSError, ValueError):
            with open(os.path.join(directory, "output"), errors="replace") as file:
                return {"verdict": "FAIL", "why": f"ended without a result (status {child.returncode})",
                        "log": file.read()[-4000:]}

    def _kept(self, scenario):
        return self.args.build / "t" / "scenario" / scenario.name.replace("/", "-")

    def _keep(self, scenario, directory):
        """Puts the files of a failed scenario where they can be found."""
        kept = self._kept(scenario)
        try:
            shutil.copytree(directory, kept, ignore=shutil.ignore_patterns("*.sock"))
        except (OSError, shutil.Error) as error:
            return f"(its files were not kept: {error})"
        return f"files: {os.path.relpath(kept)}"

    def _say(self, scenario, result, kept):
        with self.lock:
            if result["verdict"] == "FAIL":
                self.failed += 1
                for line in result["log"].splitlines():
                    print(f"  {line}")
            if kept:
                print(f"  {kept}")
            why = "".join(c if c.isprintable() else repr(c)[1:-1] for c in " ".join(result["why"].split()))
            print(f"{result['verdict']} {scenario.name}{': ' + why if why else ''}", flush=True)

    def stop(self):
        self.stopping = True
        for child in list(self.guests):
            child.terminate()
        for child in list(self.running):
            kill_group(child)


def slowness(variant):
    from harness.kernel import in_guest
    return max(SLOWNESS.get(variant, 1), 3 if in_guest() else 1)


def kill_group(child):
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    child.wait()


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--build", type=pathlib.Path, default=HERE.parent.parent / "build",
                        help="the directory that has opensips (default: build)")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="a folder or a name of --list")
    parser.add_argument("--jobs", type=int, default=2, help="scenarios at a time (default 2)")
    parser.add_argument("--soak", action="store_true", help="only those that look for growth, with long loads")
    parser.add_argument("--list", action="store_true", help="name them, run none")
    parser.add_argument("--keep", action="store_true", help="keep the files of those that passed, too")
    parser.add_argument("--slowest", type=int, default=0, metavar="N", help="at the end, those that took longest")
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    parser.add_argument("--limit", type=int, default=LIMIT, help=argparse.SUPPRESS)
    args = parser.parse_args()
    args.build = args.build.resolve()
    args.variant = args.build.name if args.build.name in SCALES else "release"
    args.scale = float(os.environ.get("SCENARIO_SCALE") or SCALES.get(args.variant, 1.0))
    return args


def main():
    args = arguments()
    if args.child:
        run_child(args)
        return 0
    scenarios = chosen(discover(), args.only)
    if args.soak:
        scenarios = [s for s in scenarios if s.soak]
    if args.list:
        print("\n".join(s.name for s in scenarios))
        return 0
    if not os.access(args.build / "opensips", os.X_OK):
        sys.exit(f"no {args.build / 'opensips'}: build first")
    runner = Runner(args)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell in the background may have it ignored
    start = time.monotonic()
    try:
        runner.run(scenarios)
    except (KeyboardInterrupt, SystemExit) as end:
        runner.stop()
        print("stopped")
        return end.code if isinstance(end, SystemExit) else 130
    for seconds, name in sorted(runner.seconds, reverse=True)[:args.slowest]:
        print(f"{seconds:6.1f} s {name}")
    print(f"{len(scenarios)} scenarios in {time.monotonic() - start:.0f} s, {runner.failed} failed")
    return runner.failed > 0


if __name__ == "__main__":
    sys.exit(main())
