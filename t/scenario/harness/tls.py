"""TLS for the tests: certificates made on the spot, connections and user agents that speak it."""
import os
import pathlib
import socket
import ssl
import subprocess

from .stream import Connection, StreamEndpoint


class Certificate:
    """A file of a certificate and one of its key."""

    def __init__(self, certificate, key):
        self.certificate, self.key = str(certificate), str(key)


class Authority:
    """A CA of the test's own. `ca` is the file to trust it by."""

    def __init__(self, directory, name="test"):
        self.directory, self.name, self.serial = directory, name, 1
        self.key, self.ca = str(directory / f"{name}-ca.key"), str(directory / f"{name}-ca.pem")
        self._openssl("req", "-x509", *self._new_key(self.key), "-out", self.ca, "-days", "30",
                      "-subj", f"/CN={name} CA")

    def issue(self, name, *names, days=30, common_name=None):
        """A certificate for those names, as subjectAltName has them: "DNS:example.com", "URI:sip:example.com"."""
        stem = self.directory / f"{self.name}-{name}"
        made = Certificate(f"{stem}.pem", f"{stem}.key")
        subject = f"/O=Test/CN={common_name or name}"
        self._openssl("req", "-new", *self._new_key(made.key), "-out", f"{stem}.csr", "-subj", subject)
        extensions = stem.with_suffix(".ext")
        extensions.write_text(f"subjectAltName={','.join(names)}\n" if names else "keyUsage=digitalSignature\n")
        self.serial += 1
        self._openssl("x509", "-req", "-in", f"{stem}.csr", "-CA", self.ca, "-CAkey", self.key, "-out", made.certificate,
                      "-set_serial", str(self.serial), "-days", str(days), "-extfile", str(extensions))
        return made

    def revoke(self, *certificates):
        """A directory with a list that takes them back, under the name that OpenSSL looks for."""
        self.serial += 1
        place = self.directory / f"{self.name}-crl{self.serial}"
        place.mkdir()
        (place / "index").touch()
        (place / "ca.conf").write_text(f"[ca]\ndefault_ca=own\n[own]\ndatabase={place}/index\ndefault_md=sha256\n")
        ca = ("ca", "-config", str(place / "ca.conf"), "-keyfile", self.key, "-cert", self.ca)
        for certificate in certificates:
            self._openssl(*ca, "-revoke", certificate.certificate)
        self._openssl(*ca, "-gencrl", "-crldays", "30", "-out", str(place / "crl.pem"))
        name = self._openssl("crl", "-hash", "-noout", "-in", str(place / "crl.pem")).strip()
        (place / "crl.pem").rename(place / f"{name}.r0")
        return str(place)

    @staticmethod
    def _new_key(path):
        return ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", path)

    @staticmethod
    def _openssl(*arguments):
        return subprocess.run(["openssl", *arguments], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True).stdout


def client_context(ca=None, own=None, lowest=None, highest=None):
    """How a client connects. ca: the file to verify the server by; without it any will do. own: its Certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if ca:
        context.load_verify_locations(ca)
        context.verify_mode = ssl.CERT_REQUIRED
    if own:
        context.load_cert_chain(own.certificate, own.key)
    if lowest or highest:
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        context.minimum_version = lowest or highest
        context.maximum_version = highest or ssl.TLSVersion.MAXIMUM_SUPPORTED
    return context


def server_context(own, ca=None):
    """How a server takes connections; ca: of the clients, which then need a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own.certificate, own.key)
    if ca:
        context.load_verify_locations(ca)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


class TlsConnection(Connection):
    """A Connection whose bytes go through TLS."""

    @classmethod
    def to(cls, address, source_ip=None, context=None, server_name=None, session=None):
        connected = socket.create_connection(address, 10, source_address=(source_ip, 0) if source_ip else None)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        wrapped = (context or client_context()).wrap_socket(connected, server_hostname=server_name, session=session)
        return cls(wrapped, address)

    def fill(self, timeout=0.0):
        self.socket.settimeout(max(timeout, 0.0001))
        try:
            data = self.socket.recv(65536)
            while self.socket.pending():
                data += self.socket.recv(65536)
        except (TimeoutError, ssl.SSLWantReadError):
            return False
        except (ssl.SSLError, ConnectionResetError):
            data = b""
        self.buffer += data
        self.closed = self.closed or not data
        return True


class TlsEndpoint(StreamEndpoint):
    """A StreamEndpoint over TLS. own: the Certificate that it shows; ca: what it verifies its peers by, if at all;
    server_name: of the servers that it calls."""

    transport = "TLS"

    def __init__(self, env, ip=None, port=0, name="ua", own=None, ca=None, server_name=None):
        self.listening = server_context(own, ca) if own else None
        self.calling = client_context(ca, own)
        self.server_name = server_name
        super().__init__(env, ip, port, name)

    def connect(self, address):
        connection = TlsConnection.to(getattr(address, "tls_address", address), self.ip, self.calling, self.server_name)
        self.connections.insert(0, connection)
        return connection

    def _accept(self):
        accepted, peer = self.socket.accept()
        accepted.settimeout(10)
        try:
            wrapped = self.listening.wrap_socket(accepted, server_side=True)
        except (ssl.SSLError, OSError):  # the other side does not like what it sees
            accepted.close()
            return
        self.connections.append(TlsConnection(wrapped, peer[:2]))


class Tie:
    """t/tools/tls_tie, for what speaks no TLS. address: where it listens, if it does."""

    def __init__(self, env, command, address=None):
        self.env, self.address = env, address
        self.said = b""
        self.process = subprocess.Popen([_tie_program(env), *map(str, command)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    @property
    def hostport(self):
        return "%s:%d" % self.address

    def ready(self):
        """Waits until it is: then it listens, or holds its connections."""
        while b"ready" not in self.said:
            line = self.process.stdout.readline()
            self.said += line
            if not line:
                self.env.fail(f"tls_tie: {self.said.decode(errors='replace')}")
        os.set_blocking(self.process.stdout.fileno(), False)
        return self

    def lost(self):
        """How many of the connections that it holds have ended."""
        self.said += self.process.stdout.read() or b""
        return self.said.count(b"lost")

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)


def _tie_program(env):
    """Compiled when it is not there, or old; several tests may do so at a time."""
    source, program = env.root / "t/tools/tls_tie.c", pathlib.Path(env.build) / "t/tls_tie"
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        program.parent.mkdir(parents=True, exist_ok=True)
        made = env.directory / "tls_tie"
        subprocess.run(["cc", "-O2", "-o", made, source, "-lssl", "-lcrypto"], check=True)
        os.replace(made, program)
    return program
