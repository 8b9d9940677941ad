"""baresip and linphone register with their passwords, over each transport, and call each other both ways: on one network,
and with one of them behind a NAT that forgets what has been idle for 30 s."""
import time

from harness import NatNetwork, SqliteFile, wait_for_statistic
from harness.databases import add_user
from harness.phones import Baresip, Linphone

LIMIT = 240
IDLE = 30


def server_of(env, ip=None, **globals_):
    """The script as it is shipped, with the users alice and bob; and the CA of its certificate."""
    ip = ip or env.ip
    database = SqliteFile(env)
    for user in ("alice", "bob"):
        add_user(env, database.url, f"{user}@{ip}", f"{user}'s")
    ca = env.authority()
    own = ca.issue("server", f"IP:{ip}")
    tls = [("certificate", own.certificate), ("private_key", own.key), ("verify_cert", 0)]
    modparams = [("auth", "db_url", database.url), ("auth", "use_domain", 1), ("usrloc", "db_url", database.url),
                 ("usrloc", "working_mode_preset", "single-instance-sql-write-through")]
    server = env.server(env.root / "etc" / "route.lua", modules=["db_sqlite", "auth"], modparams=modparams, tls=tls,
                        sockets=[ip], transports=("udp", "tcp"), globals_=globals_)
    return server, ca


def address_of(server, transport):
    return f"{server.tls_address[0]}:{server.tls_address[1]}" if transport == "tls" else server.hostport


def call_both_ways(one, other):
    for caller, callee in ((one, other), (other, one)):
        for leaver, stayer in ((caller, callee), (callee, caller)):
            caller.dial(callee.user)
            caller.expect_call()
            callee.expect_call()
            leaver.hang_up()
            leaver.expect_end()
            stayer.expect_end()


def on_one_network(env, transport):
    server, ca = server_of(env)
    alice = Baresip(env, address_of(server, transport), "alice", "alice's", transport)
    bob = Linphone(env, address_of(server, transport), "bob", "bob's", transport, ca=ca.ca)
    wait_for_statistic(env, server, "usrloc:location-contacts", 2)
    call_both_ways(alice, bob)


def test_udp(env):
    on_one_network(env, "udp")


def test_tcp(env):
    on_one_network(env, "tcp")


def test_tls(env):
    on_one_network(env, "tls")


def behind_nat(env, transport, baresip_is_behind):
    network = NatNetwork(env, idle=IDLE)
    # Datagrams are kept coming without being asked for; who forgets connections so soon is rare.
    server, ca = server_of(env, network.server_ip, tcp_keepidle=20)
    where = {"network": network}, {"ip": network.server_ip}
    if not baresip_is_behind:
        where = where[::-1]
    alice = Baresip(env, address_of(server, transport), "alice", "alice's", transport, **where[0])
    bob = Linphone(env, address_of(server, transport), "bob", "bob's", transport, ca=ca.ca, **where[1])
    wait_for_statistic(env, server, "usrloc:location-contacts", 2)
    time.sleep(IDLE + 15)   # what this is about: by now the NAT would have forgotten who is behind it
    call_both_ways(alice, bob)


def test_baresip_behind_nat_udp(env):
    behind_nat(env, "udp", True)


def test_linphone_behind_nat_udp(env):
    behind_nat(env, "udp", False)


def test_baresip_behind_nat_tcp(env):
    behind_nat(env, "tcp", True)


def test_linphone_behind_nat_tls(env):
    behind_nat(env, "tls", False)
