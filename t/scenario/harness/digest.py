"""Digest authentication as a client does it, computed by Python's hashes (RFC 7616, RFC 8760)."""
import hashlib
import itertools
import re

from .call import Call
from .message import fresh

_cnonce = itertools.count(1)


def values_of(challenge):
    return {name.lower(): quoted or bare for name, quoted, bare in
            re.findall(r'(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^ ,]+))', challenge)}


def credentials(challenge, method, uri, user, password, nc=1, body=b"", qop="auth"):
    """The header that answers a challenge."""
    given = values_of(challenge)
    algorithm = given.get("algorithm", "MD5")
    name = {"MD5": "md5", "SHA-256": "sha256", "SHA-512-256": "sha512_256"}[algorithm]

    def hashed(*parts):
        return hashlib.new(name, b":".join(p if isinstance(p, bytes) else p.encode() for p in parts)).hexdigest()

    cnonce = f"c{next(_cnonce)}"
    a2 = [method, uri] + ([hashed(body)] if qop == "auth-int" else [])
    response = hashed(hashed(user, given["realm"], password), given["nonce"], f"{nc:08x}", cnonce, qop, hashed(*a2))
    quoted = user.replace("\\", "\\\\").replace('"', '\\"')
    return (f'Digest username="{quoted}", realm="{given["realm"]}", nonce="{given["nonce"]}", uri="{uri}", '
            f'response="{response}", algorithm={algorithm}, cnonce="{cnonce}", qop={qop}, nc={nc:08x}')


def authorize(phone, request, final, user, password):
    """Makes of a request that was answered 401 or 407 the one that follows it."""
    asked, given = {401: ("WWW-Authenticate", "Authorization"),
                    407: ("Proxy-Authenticate", "Proxy-Authorization")}[final.code]
    request.set("Via", phone.via()).set("CSeq", f"{request.cseq + 1} {request.method}")
    return request.set(given, credentials(final.get(asked), request.method, request.uri, user, password))


def transact_as(phone, request, to, password, user=None):
    """Sends a request and, if it is challenged, once more with the credentials. The final answer."""
    final = phone.transact(request, to)
    if final.code not in (401, 407):
        return final
    return phone.transact(authorize(phone, request, final, user or phone.name, password), to)


def call_as(phone, server, uri, password, domain=None, headers=()):
    """A Call that has answered its challenge. domain: the caller's, if it is not its address."""
    call = Call(phone, server, uri, headers=headers)
    if domain:
        call.invite.set("From", f"<sip:{phone.name}@{domain}>;tag={fresh('f')}")
    call.start()
    authorize(phone, call.invite, call.fails_with(407), phone.name, password)
    return call.start()
