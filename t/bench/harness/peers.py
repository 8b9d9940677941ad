"""The programs that are compared: how each is started, and when it is ready."""
import hashlib
import os
import shutil
import socket
import sqlite3
import subprocess
import time

from . import load
from .process import Process

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def fill(template, target, words):
    with open(os.path.join(HERE, "peer", template)) as file:
        text = file.read()
    for name, value in words.items():
        text = text.replace(f"@{name}@", str(value))
    with open(target, "w") as file:
        file.write(text)


def words(place, workload, workers):
    return {"IP": place.ip, "PORT": place.port, "WORKERS": workers, "TLS_PORT": place.tls_port,
            "CALLEE_PORT": place.back_port if workload.tls else place.callee_port,
            "DIR": place.directory, "LOOKUP": "true" if workload.lookup else "false",
            "DIALOG": "true" if workload.dialog else "false",
            "RESIDENTIAL": "true" if workload.residential else "false", "AUTH": "",
            "PASSWORD": load.PASSWORD, "DOMAIN": load.DOMAIN,
            "URI_PARAMS": workload.uri_params, "TLS": opensips_tls(place) if workload.tls else ""}


def opensips_tls(place):
    values = {"certificate": f"{place.directory}/tls.pem", "private_key": f"{place.directory}/tls.key",
              "verify_cert": "0"}
    lines = [f"socket=tls:{place.ip}:{place.tls_port}"]
    lines += [f'modparam("tls_mgm", "{name}", "{value}")' for name, value in values.items()]
    return "".join(line + "\n" for line in lines)


def opensips_auth(place, build):
    """The callers are in a database, and remembered when they have been read."""
    file = f"{place.directory}/opensips.db"
    if not os.path.exists(file):
        subprocess.run([f"{build}/opensipsctl", "db", "-m", f"{build}/modules", "create", f"sqlite://{file}"], check=True,
                       stdout=subprocess.DEVNULL)
        database = sqlite3.connect(file)
        database.executemany("INSERT INTO subscriber (username, domain, ha1) VALUES (?, ?, ?)", subscribers())
        database.commit()
        database.close()
    values = {"db_url": f"sqlite://{file}", "password_column": "ha1", "use_domain": "yes", "cache_time": "1h",
              "algorithms": "MD5", "qop": "auth", "check_uri": "no"}   # SIPp names the server, not the user
    lines = [f'alias="{load.DOMAIN}"', f'mpath="{build}/modules"', 'loadmodule "db_sqlite.so"', 'loadmodule "auth.so"']
    lines += [f'modparam("auth", "{name}", "{value}")' for name, value in values.items()]
    return "".join(line + "\n" for line in lines)


def subscribers():
    for user in range(300000, 300000 + load.CALLERS):
        yield str(user), load.DOMAIN, hashlib.md5(f"{user}:{load.DOMAIN}:{load.PASSWORD}".encode()).hexdigest()


class Relay:
    """A packet relay without any SIP: what the kernel takes for the packets alone."""
    keeps_bindings = False

    def __init__(self, build, directory):
        self._program = os.path.join(directory, "relay")
        self._directory = directory

    def missing(self):
        return None if shutil.which("cc") else "there is no C compiler (cc)"

    def command(self, place, workload, workers):
        if not os.path.exists(self._program):
            subprocess.run(["cc", "-O2", "-o", self._program, os.path.join(HERE, "relay.c"), "-lssl", "-lcrypto"],
                           check=True)
        how = ["tcp"] if workload.tcp else []
        if workload.tls:
            how = ["tls", str(place.tls_port), f"{place.directory}/tls.pem", f"{place.directory}/tls.key"]
        callee = place.back_port if workload.tls else place.callee_port
        return [self._program, place.ip, str(place.port), str(callee), str(workers), *how]


class Kamailio:
    """Kamailio with its own routing language, or with Lua; the allocator that is its fastest."""
    keeps_bindings = True

    def __init__(self, lua):
        self._lua = lua

    def missing(self):
        path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
        self._program = shutil.which("kamailio", path=path)
        if not self._program:
            return "Kamailio is not installed (Debian: kamailio)"
        folders = [os.path.join(base, "kamailio/modules") for base in
                   ("/usr/lib", "/usr/lib64", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu")]
        if self._lua and not any(os.path.exists(os.path.join(folder, "app_lua.so")) for folder in folders):
            return "Kamailio's Lua module is not installed (Debian: kamailio-lua-modules)"
        if not any(os.path.exists(os.path.join(folder, "tls.so")) for folder in folders):
            return "Kamailio's TLS module is not installed (Debian: kamailio-tls-modules)"
        return None

    def command(self, place, workload, workers):
        config = os.path.join(place.directory, "kamailio.cfg")
        filled = words(place, workload, workers)
        fill("kamailio.cfg.in", config, filled)
        fill("kamailio.lua.in", os.path.join(place.directory, "kamailio.lua"), filled)
        defines = ["-A", "LUA"] * self._lua + ["-A", "LOOKUP"] * workload.lookup + ["-A", "TCP"] * (workload.tcp or workload.tls)
        defines += ["-A", "TLS"] * workload.tls + ["-A", "DIALOG"] * workload.dialog
        defines += ["-A", "RESIDENTIAL"] * workload.residential
        return [self._program, "-f", config, "-DD", "-E", "-x", "tlsf", "-X", "tlsf", "-m", "1024", "-M", "32",
                "-b", str(4 << 20), "-Y", place.directory, "-w", place.directory, *defines]


class Opensips:
    """The server of the build directory, with a script in Lua, or in Perl."""
    keeps_bindings = True

    def __init__(self, build, perl=False):
        self._build = os.path.abspath(build)
        self._program = os.path.join(self._build, "opensips")
        self._perl = perl

    def missing(self):
        for file in [self._program] + [os.path.join(self._build, "modules/perl.so")] * self._perl:
            if not os.path.exists(file):
                return f"{file} is not built"
        return None

    def command(self, place, workload, workers):
        config = os.path.join(place.directory, "opensips.cfg")
        filled = words(place, workload, workers)
        if workload.residential:
            filled["AUTH"] = opensips_auth(place, self._build)
        filled["LANGUAGE"] = 'script="route.lua"'
        if self._perl:
            filled["LANGUAGE"] = f'mpath="{self._build}/modules"\nloadmodule "perl.so"\nscript="route.pl"'
        fill("opensips.cfg.in", config, filled)
        fill("route.lua.in", os.path.join(place.directory, "route.lua"), filled)
        fill("route.pl.in", os.path.join(place.directory, "route.pl"), filled)
        return [self._program, "-D", "-f", config]


def all_peers(build, directory):
    return {"relay": Relay(build, directory), "kamailio": Kamailio(False), "kamailio-lua": Kamailio(True),
            "opensips": Opensips(build), "opensips-perl": Opensips(build, perl=True)}


def _probe(place, me, number):
    return (f"OPTIONS sip:{place.ip}:{place.port} SIP/2.0\r\nVia: SIP/2.0/UDP {me};branch=z9hG4bKready{number}\r\n"
            f"Max-Forwards: 9\r\nFrom: <sip:ready@{me}>;tag=r\r\nTo: <sip:{place.ip}:{place.port}>\r\n"
            f"Call-ID: ready{number}@{me}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n").encode()


def start(peer, name, place, workload, workers):
    """Starts it and waits until it answers OPTIONS."""
    process = Process(peer.command(place, workload, workers), place.directory,
                      os.path.join(place.directory, name + ".log"), place.server_cpus)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.bind((place.ip, 0))
        asking.settimeout(0.25)
        me = "%s:%d" % asking.getsockname()
        until = time.monotonic() + 20
        number = 0
        while process.running() and time.monotonic() < until:
            number += 1
            try:
                asking.sendto(_probe(place, me, number), (place.ip, place.port))
                if asking.recv(4096).startswith(b"SIP/2.0 200"):
                    return process
            except OSError:
                time.sleep(0.05)
    tail = process.tail()
    process.stop()
    raise RuntimeError(f"{name} is not ready; it said: {tail}")
