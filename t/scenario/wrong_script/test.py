"""A script that cannot be loaded stops the start, with file and line; -C finds it too."""
import re
import socket
import subprocess

from harness import check


def refused(env, script, line, pattern):
    server = env.server(script, start=False)
    server.close = lambda: None
    for option in ("-C", "-D"):
        run = subprocess.run([env.build / "opensips", "-f", server.config_path, option], cwd=env.directory, check=False,
                             timeout=20 * env.patience, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True)
        check(run.returncode > 0, f"{option}: the exit status is {run.returncode}; it said: {run.stdout}")
        wanted = rf"{re.escape(server.script_path.name)}:{line}\b.*{pattern}"
        check(re.search(wanted, run.stdout), f"{option}: nothing like {wanted!r} in: {run.stdout}")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(server.address)


def test_syntax(env):
    refused(env, 'local sip = require "sip"\nlocal x = = 1\n', 2, "'='")


def test_error_at_the_top(env):
    refused(env, 'local sip = require "sip"\nlocal x\nx.y = 1\n', 3, "nil")


def test_module_that_is_not_there(env):
    refused(env, 'local sip = require "sip"\nlocal no = require "no_such_library"\n', 2, "no_such_library")


def test_handler_that_is_no_function(env):
    refused(env, 'local sip = require "sip"\nsip.on_request(7)\n', 2, "")


def test_runaway_at_the_top(env):
    refused(env, 'local sip = require "sip"\nsip.on_request(function(req) end)\nwhile true do end\n', 3, "")
