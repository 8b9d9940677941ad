"""Name servers: NSD and unbound as operators run them, and one that says what the test wants, right or wrong."""
import ipaddress
import os
import socket
import struct
import threading
import time

TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "AAAA": 28, "SRV": 33, "NAPTR": 35}
NAMES = {number: name for name, number in TYPES.items()}


def free_port(ip):
    """A port that was free for UDP and TCP a moment ago."""
    for _ in range(100):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
            udp.bind((ip, 0))
            try:
                tcp.bind((ip, udp.getsockname()[1]))
                return udp.getsockname()[1]
            except OSError:
                continue
    raise OSError("no port is free for UDP and TCP")


def encode_name(name):
    labels = [label for label in name.split(".") if label]
    return b"".join(bytes([len(label)]) + label.encode() for label in labels) + b"\0"


def encode_text(text):
    return bytes([len(text)]) + text.encode()


def rdata(type_, value):
    """Of a record as a zone file has it: ("SRV", "0 5 5060 a.example")."""
    if type_ in ("A", "AAAA"):
        return ipaddress.ip_address(value).packed
    if type_ in ("CNAME", "NS"):
        return encode_name(value)
    words = str(value).split()
    if type_ == "SRV":
        return struct.pack("!HHH", *map(int, words[:3])) + encode_name(words[3])
    if type_ == "NAPTR":  # order preference flags service replacement
        return (struct.pack("!HH", *map(int, words[:2])) + encode_text(words[2]) + encode_text(words[3]) + b"\0"
                + encode_name(words[4]))
    if type_ == "SOA":  # the minimum
        return encode_name("ns.invalid") + encode_name("root.invalid") + struct.pack("!IIIII", 1, 60, 60, 60, int(value))
    raise ValueError(type_)


def record(name, type_, value, ttl=60):
    data = rdata(type_, value)
    return encode_name(name) + struct.pack("!HHIH", TYPES[type_], 1, ttl, len(data)) + data


class Query:
    """A question as it came."""

    def __init__(self, data):
        self.id, = struct.unpack("!H", data[:2])
        at, labels = 12, []
        while data[at]:
            labels.append(data[at + 1:at + 1 + data[at]].decode())
            at += 1 + data[at]
        self.name = ".".join(labels).lower()
        self.type = NAMES.get(struct.unpack("!H", data[at + 1:at + 3])[0], "?")
        self.question = data[12:at + 5]

    def answer(self, records=(), rcode=0, authority=(), flags=0x8580, id_=None, question=None):
        return struct.pack("!HHHHHH", self.id if id_ is None else id_, flags | rcode, 1, len(records), len(authority),
                           0) + (question or self.question) + b"".join(records) + b"".join(authority)


class NameServer:
    """Answers from `zone`, {(name, type): [values]}; names that are in it with other types have none. `behave(query)`,
    if it is set, says what is answered instead: bytes, a list of them, or None for what the zone says. `tcp` has its
    own. `asked` is what came, as (name, type)."""

    def __init__(self, env, zone=None, ttl=60, negative_ttl=60):
        self.env, self.zone, self.ttl, self.negative_ttl = env, dict(zone or {}), ttl, negative_ttl
        self.behave = self.tcp = None
        self.asked = []
        self.port = free_port(env.ip)
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind((env.ip, self.port))
        self.stream = socket.create_server((env.ip, self.port))
        for serve in (self._serve_udp, self._serve_tcp):
            threading.Thread(target=serve, daemon=True).start()
        env.open.append(self)

    @property
    def hostport(self):
        return f"{self.env.ip}:{self.port}"

    def count(self, name, type_=None):
        return sum(1 for asked in list(self.asked) if asked[0] == name and type_ in (None, asked[1]))

    def from_zone(self, query):
        values = self.zone.get((query.name, query.type))
        alias = self.zone.get((query.name, "CNAME"))
        if values is None and alias:
            records = [record(query.name, "CNAME", alias[0], self.ttl)]
            records += [record(alias[0], query.type, v, self.ttl) for v in self.zone.get((alias[0], query.type), [])]
            return query.answer(records)
        if values is not None:
            return query.answer([record(query.name, query.type, value, self.ttl) for value in values])
        known = any(name == query.name or name.endswith("." + query.name) for name, _ in self.zone)
        return query.answer(rcode=0 if known else 3,
                            authority=[record("example", "SOA", self.negative_ttl, self.negative_ttl)])

    def _answers(self, data, behave):
        query = Query(data)
        self.asked.append((query.name, query.type))
        answers = behave(query) if behave else None
        if answers is None:
            answers = self.from_zone(query)
        return [answers] if isinstance(answers, bytes) else answers

    def _serve_udp(self):
        while True:
            try:
                data, peer = self.udp.recvfrom(4096)
                for answer in self._answers(data, self.behave):
                    self.udp.sendto(answer, peer)
            except OSError:
                return

    def _serve_tcp(self):
        while True:
            try:
                peer, _ = self.stream.accept()
            except OSError:
                return
            with peer:
                peer.settimeout(5)
                try:
                    size, = struct.unpack("!H", peer.recv(2, socket.MSG_WAITALL))
                    for answer in self._answers(peer.recv(size, socket.MSG_WAITALL), self.tcp):
                        peer.sendall(struct.pack("!H", len(answer)) + answer)
                    peer.recv(1)
                except (OSError, struct.error):
                    pass

    def close(self):
        self.udp.close()
        self.stream.close()


class _Daemon:
    """A name server of the system: started on a free port, and waited for."""

    program = None

    def __init__(self, env):
        self.env, self.port = env, free_port(env.ip)
        self.directory = env.directory / f"{self.program}{self.port}"
        self.directory.mkdir()

    @property
    def hostport(self):
        return f"{self.env.ip}:{self.port}"

    def _start(self, command, name):
        path = os.environ["PATH"] + ":/usr/sbin:/sbin"
        with open(self.directory / "out", "wb") as out:
            self.process = self.env.spawn(command, cwd=self.directory, stdout=out, stderr=out,
                                          env={**os.environ, "PATH": path})
        deadline = time.monotonic() + 10 * self.env.patience
        query = struct.pack("!HHHHHH", 7, 0x0100, 1, 0, 0, 0) + encode_name(name) + struct.pack("!HH", 6, 1)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.settimeout(0.1)
            probe.connect((self.env.ip, self.port))
            while time.monotonic() < deadline:
                try:
                    probe.send(query)
                    if probe.recv(4096)[3] & 15 == 0:
                        return
                except OSError:
                    time.sleep(0.02)
        self.env.fail(f"{self.program} does not answer: {(self.directory / 'out').read_text(errors='replace')[-400:]}")


class Nsd(_Daemon):
    """Authoritative for one zone, whose records are the lines of a zone file behind its SOA and NS."""

    program = "nsd"

    def __init__(self, env, zone, records, ttl=60, negative_ttl=60):
        super().__init__(env)
        (self.directory / "zone").write_text(
            f"$ORIGIN {zone}.\n$TTL {ttl}\n@ {negative_ttl} SOA ns root 1 3600 600 86400 {negative_ttl}\n@ NS ns\n"
            f"ns A {env.ip}\n{records}\n")
        (self.directory / "nsd.conf").write_text(f"""
server:
  ip-address: {env.ip}@{self.port}
  username: ""
  zonesdir: "{self.directory}"
  pidfile: "{self.directory}/pid"
  database: ""
  zonelistfile: "{self.directory}/zone.list"
  xfrdfile: "{self.directory}/xfrd.state"
  xfrdir: "{self.directory}"
  verbosity: 1
remote-control:
  control-enable: no
zone:
  name: {zone}
  zonefile: zone
""")
        self._start(["nsd", "-d", "-c", str(self.directory / "nsd.conf")], zone)


class Unbound(_Daemon):
    """Asks `server` for names in `zone`, and keeps what it hears."""

    program = "unbound"

    def __init__(self, env, zone, server):
        super().__init__(env)
        ip, port = server.hostport.split(":")
        (self.directory / "unbound.conf").write_text(f"""
server:
  interface: {env.ip}@{self.port}
  access-control: 127.0.0.0/8 allow
  username: ""
  chroot: ""
  directory: "{self.directory}"
  pidfile: "{self.directory}/pid"
  use-syslog: no
  logfile: ""
  num-threads: 1
  do-ip6: no
  do-not-query-localhost: no
  module-config: "iterator"
remote-control:
  control-enable: no
stub-zone:
  name: {zone}
  stub-addr: {ip}@{port}
""")
        self._start(["unbound", "-d", "-c", str(self.directory / "unbound.conf")], zone)


def name_servers(*servers):
    """The global parameters that have a server of ours ask these."""
    return {"dns_servers": f'"{", ".join(server.hostport for server in servers)}"'}
