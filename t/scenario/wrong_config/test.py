"""A configuration with mistakes stops the start: each mistake in one line, file:line:column, all in one go; nothing
is left behind."""
import re
import socket
import subprocess

from harness import check, equal


def refused(env, config, places, options=("-D",)):
    """Starts opensips with that file; it has to complain about each (line, column or None, pattern)."""
    port = env.port()
    text = config.replace("@SOCKET@", f"udp:{env.ip}:{port}")
    script = 'local sip = require "sip"\nsip.on_request(function(req) req:reply(404) end)\n'
    (env.directory / "fine.lua").write_text(script)
    path = env.directory / "wrong.cfg"
    path.write_text(text)
    run = subprocess.run([env.build / "opensips", "-f", path, *options], cwd=env.directory, timeout=20 * env.patience,
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                         check=False)
    check(run.returncode > 0, f"the exit status is {run.returncode}; it said: {run.stdout}")
    for line, column, pattern in places:
        wanted = rf"wrong\.cfg:{line}:{column or '[0-9]+'}: .*{pattern}"
        check(re.search(wanted, run.stdout), f"nothing like {wanted!r} in: {run.stdout}")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind((env.ip, port))
    return run.stdout


SEVERAL = """log_level=2
wrokers=2
socket=@SOCKET@
socket=udp:127.0.0.1:99999
log_level="three"
script="fine.lua"
modparam("tm", "fr_timeout", "soon")
modparam("tm", "no_such_parameter", 1)
"""


def test_several_mistakes_in_one_go(env):
    places = [(2, 1, "wrokers"), (4, None, "99999"), (5, None, ""), (7, None, "fr_timeout"),
              (8, None, "no_such_parameter")]
    for options in (("-D",), ("-C",)):
        refused(env, SEVERAL, places, options)


def test_syntax(env):
    refused(env, "log_level=2\nsocket=@SOCKET@\nscript=\"fine.lua\nworkers=2\n", [(3, None, "")])
    refused(env, "log_level=2\nsocket=@SOCKET@\nscript=\"fine.lua\"\nworkers 2\n", [(4, None, "")])


def test_a_route_block_is_pointed_to_lua(env):
    said = refused(env, 'socket=@SOCKET@\nscript="fine.lua"\nroute {\n  t_relay();\n}\n', [(3, 1, "")])
    check("lua" in said.lower(), f"nothing points to Lua: {said}")


def test_module_that_is_not_there(env):
    refused(env, 'socket=@SOCKET@\nscript="fine.lua"\nloadmodule "no_such_module.so"\n', [(3, None, "no_such_module")])


def test_script_that_is_not_there(env):
    said = refused(env, 'socket=@SOCKET@\nscript="gone.lua"\n', [])
    check("gone.lua" in said, f"the missing script is not named: {said}")


def test_tls(env):
    """A socket without a certificate; values that are none; files that are not there, not what they should be, or of
    another key."""
    first = 'socket=@SOCKET@\nscript="fine.lua"\n'
    refused(env, first + "socket=tls:127.0.0.1:0\n", [(3, 8, "certificate")])
    ca = env.authority()
    one, other = ca.issue("one", "DNS:one"), ca.issue("other", "DNS:other")
    rest = f"""modparam("tls_mgm", "server_domain", "d")
modparam("tls_mgm", "certificate", "[d]{one.certificate}")
modparam("tls_mgm", "private_key", "[d]{one.key}")
modparam("tls_mgm", "PARAMETER", "VALUE")
"""
    for options in (("-D",), ("-C",)):
        for parameter, value, pattern in (
                ("tls_method", "[d]SSLv3", "TLSv1_2"), ("tls_method", "[d]TLSv1_3-TLSv1_2", "TLSv1_2"),
                ("verify_cert", "[d]maybe", "1 or 0"), ("match_ip_address", "[d]here", "192.0.2.1:5061"),
                ("certificate", "[e]x.pem", "no TLS domain 'e'"), ("private_key", f"[d]{other.key}", "not the key of"),
                ("private_key", "[d]gone.key", "No such file"), ("private_key", f"[d]{one.certificate}", "not a key"),
                ("certificate", f"[d]{one.key}", "not a certificate"), ("ca_list", "[d].", "not a file"),
                ("ca_list", f"[d]{one.key}", "no certificates"), ("ca_dir", f"[d]{ca.ca}", "not a directory"),
                ("crl_dir", "[d]gone", "No such file"), ("ciphers_list", "[d]rot13", "no cipher"),
                ("ec_curve", "[d]circle", "unknown"), ("dh_params", f"[d]{one.key}", "no parameters"),
                ("certifcate", "[d]x", "did you mean 'certificate'")):
            text = first + rest.replace("PARAMETER", parameter).replace("VALUE", value)
            refused(env, text, [(6, None, pattern)], options)


def test_no_configuration(env):
    run = subprocess.run([env.build / "opensips", "-f", env.directory / "gone.cfg", "-D"], timeout=20, check=False,
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    check(run.returncode > 0 and "gone.cfg" in run.stdout, f"status {run.returncode}: {run.stdout}")


def test_a_good_one_passes_the_check(env):
    server = env.server(start=False)
    run = subprocess.run([env.build / "opensips", "-C", "-f", server.config_path], timeout=20 * env.patience,
                         check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         text=True)
    equal(run.returncode, 0, f"the exit status of -C; it said {run.stdout!r}")
