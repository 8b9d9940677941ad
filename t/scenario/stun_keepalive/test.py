"""A phone's STUN keepalive is answered on the SIP port with the address it came from (RFC 5626 3.5.2, RFC 8489)."""
import binascii
import os
import socket
import struct

from harness import Stream, check, equal

COOKIE = 0x2112A442


def binding_request(transaction, fingerprint=True):
    message = struct.pack(">HHI", 1, 8 if fingerprint else 0, COOKIE) + transaction
    if fingerprint:
        message += struct.pack(">HHI", 0x8028, 4, binascii.crc32(message) ^ 0x5354554E)
    return message


def attributes_of(message):
    found, at = {}, 20
    while at < len(message):
        kind, size = struct.unpack(">HH", message[at:at + 4])
        found[kind] = message[at + 4:at + 4 + size]
        at += 4 + (size + 3) // 4 * 4
    return found


def ask(env, server, ip, fingerprint):
    with socket.socket(socket.AF_INET6 if ":" in ip else socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.bind((ip, 0))
        phone.settimeout(10 * env.patience)
        transaction = os.urandom(12)
        phone.sendto(binding_request(transaction, fingerprint), server.address)
        answer = phone.recv(2048)
        equal(answer[:2], b"\x01\x01", "the type of the answer")
        equal(answer[4:20], struct.pack(">I", COOKIE) + transaction, "the transaction")
        found = attributes_of(answer)
        equal(set(found), {0x0020, 0x8028} if fingerprint else {0x0020}, "the attributes")
        family, port = struct.unpack(">xBH", found[0x0020][:4])
        mask = struct.pack(">I", COOKIE) + transaction
        host = bytes(a ^ b for a, b in zip(found[0x0020][4:], mask))
        equal((family, port ^ COOKIE >> 16, host),
              (2 if ":" in ip else 1, phone.getsockname()[1], socket.inet_pton(phone.family, ip)), "the address")
        if fingerprint:
            crc = binascii.crc32(answer[:-8]) ^ 0x5354554E
            equal(found[0x8028], struct.pack(">I", crc), "the fingerprint")


def test(env):
    server = env.server()
    with env.alive(server):
        for fingerprint in (True, False):
            ask(env, server, env.ip, fingerprint)
    with Stream(server.control_socket) as stream:
        names = ["net:keepalives", "net:stun_answers"]
        counted = stream.call("statistics:get", {"statistics": names})["result"]
    equal(counted, {"net:keepalives": 2, "net:stun_answers": 2}, "counted")


def test_over_ipv6(env):
    if not env.has_ipv6():
        env.skip("no IPv6 on loopback")
    ask(env, env.server(sockets=["::1"]), "::1", True)


def test_other_keepalives_are_only_counted(env):
    server, phone = env.server(), env.endpoint("phone")
    for keepalive in (b"\r\n\r\n", b"\0\0\0\0", struct.pack(">HHI", 0x0011, 0, COOKIE) + b"x" * 12, b"\0" * 100):
        phone.send(keepalive, server)
    phone.expect_silence()
    with Stream(server.control_socket) as stream:
        counted = stream.call("statistics:get", {"statistics": ["net:keepalives"]})["result"]
    check(counted["net:keepalives"] == 4, f"counted {counted}")
