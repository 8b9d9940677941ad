"""Thousands of TLS connections that say nothing: each costs little memory, all stay, and calls go on among them."""
import resource

from harness import check, equal

LOAD = True
LIMIT = 180
BOUND_KB = 40  # for each, in all


def test(env):
    count = env.scaled(5000, 500)
    ca = env.authority()
    own = ca.issue("server", f"IP:{env.ip}")
    tls = [("certificate", own.certificate), ("private_key", own.key), ("ca_list", ca.ca), ("require_cert", "0")]
    called = env.sipp("uas_call.xml", values={"RING": 5}, calls=env.scaled(500, 50))
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    check(files == resource.RLIM_INFINITY or files > count + 200, f"only {files} descriptors")
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    server = env.server("to_callee.lua", values={"CALLEE": called.hostport}, transports=("udp", "tcp"), tls=tls,
                        globals_={"tcp_connection_lifetime": 600, "tcp_max_connections": count + 100})
    one = env.tls_connect(server)
    one.send(b"\r\n\r\n")
    one.expect_bytes(env, b"\r\n")
    before = server.rss_kb()
    holding = env.hold_tls(count, server)
    each = (server.rss_kb() - before) / count
    if not env.sanitizer:
        check(each <= BOUND_KB, f"{each:.1f} KiB for each of {count} connections")
    front = env.tie_to_tls(server.tls_address)
    calling = env.sipp("uac_call.xml", target=front, calls=env.scaled(500, 50), rate=30 if env.sanitizer else 100,
                       values={"USER": "callee", "TALK": 20}, options=["-t", "tn", "-max_socket", "2000"])
    calling.finish(60)
    called.finish(30)
    equal(holding.lost(), 0, "connections that were lost")
