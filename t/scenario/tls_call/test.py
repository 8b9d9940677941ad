"""Calls over TLS on one side, on the other, on both: SIPp, which has none, behind a tie of TCP to TLS."""
LOAD = True
LIMIT = 120


def certificates(env):
    ca = env.authority()
    own = ca.issue("server", f"IP:{env.ip}")
    tls = [("certificate", own.certificate), ("private_key", own.key), ("ca_list", ca.ca), ("require_cert", "0")]
    return tls, ca.issue("callee", f"IP:{env.ip}")


def calls(env, count, caller_by_tls, callee_by_tls, workers=2, mode="t1"):
    tls, own = certificates(env)
    port = env.port()
    contact = called_at = f"{env.ip}:{port}"
    if callee_by_tls:
        tie = env.tie_to_tcp((env.ip, port), own)
        called_at = contact = f"{tie.hostport};transport=tls"
    called = env.sipp("uas_call.xml", values={"RING": 20, "CONTACT": contact}, calls=count, port=port,
                      options=["-t", "t1" if callee_by_tls else "u1"])
    server = env.server("to_callee.lua", values={"CALLEE": called_at}, workers=workers, transports=("udp", "tcp"), tls=tls)
    target = env.tie_to_tls(server.tls_address) if caller_by_tls else server
    options = ["-t", mode, "-max_socket", "2000"] if caller_by_tls else ["-t", "u1"]
    calling = env.sipp("uac_call.xml", target=target, calls=count, rate=50 if env.sanitizer else 300,
                       values={"USER": "callee", "TALK": 50}, options=options)
    calling.finish(90)
    called.finish(30)


def test_tls_to_udp(env):
    calls(env, env.scaled(2000, 100), True, False)


def test_udp_to_tls(env):
    calls(env, env.scaled(2000, 100), False, True)


def test_tls_to_tls(env):
    calls(env, env.scaled(2000, 100), True, True)


def test_a_connection_for_each_call(env):
    calls(env, env.scaled(500, 50), True, True, mode="tn")
