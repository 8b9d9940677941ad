"""The example module is built against what `make install` installed, outside of the source tree, and loaded; built
otherwise, it is refused."""
import os
import re
import shutil
import socket
import subprocess

from harness import Stream, check, equal

LIMIT = 240

CONFIG = """log_level=3
stderror_enabled=yes
workers=2
socket=udp:{hostport}
script="{script}"
control_socket="{control}"
mpath="{folder}"
loadmodule "scanners.so"
modparam("scanners", "user_agent", "friendly-scanner")
modparam("scanners", "user_agent", "sipvicious")
"""


def run(env, *command, folder, **variables):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MAKE") and k not in ("MFLAGS", "DESTDIR")}
    done = subprocess.run(command, cwd=folder, env={**environment, **variables}, timeout=120 * env.patience,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    check(done.returncode == 0, f"{' '.join(map(str, command))}: {done.stdout}")
    return done.stdout.strip()


class Installed:
    """The server under a directory of the test's own, and a copy of the example that knows nothing else."""

    def __init__(self, env):
        self.env, self.root = env, env.directory / "installed"
        shutil.rmtree(self.root, ignore_errors=True)
        build = env.build if env.variant == "release" else env.build.parent
        run(env, "make", f"B={build}", f"VARIANT={env.variant}", "install", f"DESTDIR={self.root}", folder=env.root)
        self.compiler = re.search(r"^CXX = (.*)$", (build / "config.mk").read_text(), re.M).group(1)
        found = list(self.root.rglob("opensips.pc"))
        equal(len(found), 1, "pkg-config files installed")
        self.variables = {"PKG_CONFIG_PATH": str(found[0].parent), "PKG_CONFIG_SYSROOT_DIR": str(self.root)}

    def build(self, name, flags=""):
        folder = self.env.directory / name
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.env.root / "examples/module", folder)
        run(self.env, "make", f"CXX={self.compiler}", f"CPPFLAGS={flags}", "CXXFLAGS=-O0", folder=folder,
            **self.variables)
        return folder

    def pkg_config(self, what):
        return run(self.env, "pkg-config", what, "opensips", folder=self.root, **self.variables)


def config(env, folder, port):
    script = env.fill("route.lua", {}, "route.lua")
    return CONFIG.format(hostport=f"{env.ip}:{port}", script=script, folder=folder,
                         control=env.directory / "control0.sock")


def test_it_works_and_another_abi_is_refused(env):
    installed = Installed(env)
    port = env.port()
    server = env.server(None, config=config(env, installed.build("module"), port), port=port)
    client = env.endpoint("client")

    def request(*headers):
        return client.request("OPTIONS", server.uri, headers=headers)

    def ask(*headers):
        return client.transact(request(*headers), server)

    # The function that a script calls, by the parameter's values.
    equal(ask(("X-Asked", "friendly-scanner 1")).code, 403, "a scanner's name")
    equal(ask(("X-Asked", "phone")).code, 200, "another name")
    # The hook: what a scanner sends is never answered, others are.
    client.send(request(("User-Agent", "sipvicious 2")), server)
    client.expect_silence()
    equal(ask(("User-Agent", "phone")).code, 404, "a phone's request")
    # The command and the statistic.
    with Stream(server.control_socket) as control:
        equal(control.call("scanners:list")["result"], ["friendly-scanner", "sipvicious"], "what is dropped")
        equal(control.call("statistics:get", {"statistics": ["scanners:dropped"]})["result"], {"scanners:dropped": 1},
              "the statistic")
    server.stop()

    refused(env, installed)


def refused(env, installed):
    """Asserts are on in a module for a server without them, or the other way round."""
    abi = installed.pkg_config("--variable=abi")
    on = "assert=on" in abi
    folder = installed.build("other", "-DNDEBUG" if on else "-UNDEBUG")
    port = env.port()
    path = env.directory / "refused.cfg"
    path.write_text(config(env, folder, port))
    for option in ("-D", "-C"):
        done = subprocess.run([env.build / "opensips", "-f", path, option], timeout=20 * env.patience, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        check(done.returncode == 1, f"the exit status is {done.returncode}")
        module, server = ("off", "on") if on else ("on", "off")
        equal(done.stdout.strip(),
              f"{path}:8:12: cannot load '{folder}/scanners.so': it was built against another OpenSIPS (abi "
              f"assert={module}, this server assert={server}), expected one built with this server's headers and flags",
              "what it says")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind((env.ip, port))
