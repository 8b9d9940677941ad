"""SIP messages as a test sees them: headers in order, nothing normalised."""
import itertools
import os
import re

COMPACT = {"v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "l": "content-length",
           "c": "content-type", "k": "supported", "e": "content-encoding", "s": "subject"}

SDP = (b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
       b"m=audio 40000 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n")

_counter = itertools.count(1)
_run = os.urandom(3).hex()


def fresh(prefix=""):
    """A word that nothing else here uses: for tags, branches, Call-IDs."""
    return f"{prefix}{_run}{os.getpid():x}{next(_counter):x}"


def split_values(text):
    """`a, "b,c" <d,e>, f` -> its three values."""
    values, start, quoted, depth, i = [], 0, False, 0, 0
    while i < len(text):
        c = text[i]
        if quoted:
            if c == "\\":
                i += 1
            elif c == '"':
                quoted = False
        elif c == '"':
            quoted = True
        elif c in "<>":
            depth += 1 if c == "<" else -1
        elif c == "," and depth <= 0:
            values.append(text[start:i].strip())
            start = i + 1
        i += 1
    values.append(text[start:].strip())
    return [v for v in values if v]


def uri_of(value):
    """The URI of a name-addr or addr-spec header value."""
    match = re.search(r"<([^>]*)>", value)
    return match.group(1) if match else value.split(";")[0].strip()


def param_of(value, name):
    """A parameter behind the URI of a header value, or None."""
    behind = value.rsplit(">", 1)[-1]
    match = re.search(rf";\s*{re.escape(name)}\s*=\s*(\"[^\"]*\"|[^;,\s]*)", behind, re.I)
    return match.group(1) if match else None


def address_of(uri):
    """(host, port) of a SIP URI with an IP literal."""
    match = re.match(r"sips?:(?:[^@]*@)?(\[[^\]]*\]|[^:;?>]+)(?::(\d+))?", uri, re.I)
    if not match:
        raise ValueError(f"no address in {uri!r}")
    return match.group(1).strip("[]"), int(match.group(2) or 5060)


class Message:
    """A request or response. `headers` are [name, value] pairs, to be changed at will before bytes() is taken."""

    def __init__(self, start, headers=(), body=b"", source=None):
        self.start = start
        self.headers = [list(h) for h in headers]
        self.body = body
        self.source = source  # (ip, port) it was received from
        self.raw = None       # as received

    @classmethod
    def parse(cls, data, source=None):
        """Takes anything: a line without a colon becomes a header without a value."""
        head, _, body = data.partition(b"\r\n\r\n")
        lines = re.sub(rb"\r\n[ \t]+", b" ", head).decode("utf-8", "surrogateescape").split("\r\n")
        message = cls(lines[0], body=body, source=source)
        for line in lines[1:]:
            name, _, value = line.partition(":")
            message.add(name.strip(), value.strip())
        message.raw = data
        return message

    def bytes(self):
        head = [self.start] + [f"{name}: {value}" for name, value in self.headers]
        if not self.all("Content-Length"):
            head.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join(head).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + self.body

    # Reading

    @property
    def is_request(self):
        return not self.start.startswith("SIP/2.0 ")

    @property
    def method(self):
        """Of a response: that of its CSeq."""
        return self.start.split(" ")[0] if self.is_request else (self.get("CSeq") or " ").split()[-1]

    @property
    def uri(self):
        return self.start.split(" ")[1]

    @property
    def code(self):
        words = self.start.split(" ")
        return int(words[1]) if not self.is_request and len(words) > 1 and words[1].isdigit() else 0

    @property
    def reason(self):
        return self.start.split(" ", 2)[2] if self.start.count(" ") > 1 else ""

    @property
    def call_id(self):
        return self.get("Call-ID")

    @property
    def cseq(self):
        number = (self.get("CSeq") or "").split(" ")[0]
        return int(number) if number.isdigit() else -1

    def lines(self, name):
        """The values of every header line of that name, in order, compact forms too."""
        wanted = name.lower()
        return [v for n, v in self.headers if COMPACT.get(n.lower(), n.lower()) == wanted]

    def all(self, name):
        """The same, with comma lists taken apart."""
        return [v for line in self.lines(name) for v in split_values(line)]

    def get(self, name):
        values = self.lines(name)
        return values[0] if values else None

    @property
    def branch(self):
        return param_of(self.get("Via") or "", "branch")

    def tag(self, name):
        """The tag of From or To, or None."""
        return param_of(self.get(name) or "", "tag")

    # Changing

    def set(self, name, value):
        """Replaces the first header of that name, in place, or adds one."""
        for header in self.headers:
            if header[0].lower() == name.lower():
                header[1] = value
                return self
        return self.add(name, value)

    def add(self, name, value):
        self.headers.append([name, value])
        return self

    def insert(self, name, value, place=0):
        self.headers.insert(place, [name, value])
        return self

    def remove(self, name):
        self.headers = [h for h in self.headers if h[0].lower() != name.lower()]
        return self

    def copy(self):
        return Message(self.start, self.headers, self.body, self.source)

    def with_uri(self, uri):
        method, _, version = self.start.split(" ")
        self.start = f"{method} {uri} {version}"
        return self

    def __repr__(self):
        where = f" from {self.source[0]}:{self.source[1]}" if self.source else ""
        return f"<{self.start!r} CSeq {self.get('CSeq')}{where}>"


def response(request, code, reason="", tag=None, headers=(), body=b""):
    """A response as RFC 3261 8.2.6 makes it; tag goes into To if there is none."""
    answer = Message(f"SIP/2.0 {code} {reason or 'Reason'}", body=body)
    for name in ("Via", "From", "To", "Call-ID", "CSeq"):
        for value in request.lines(name):
            if name == "To" and tag and not param_of(value, "tag"):
                value += f";tag={tag}"
            answer.add(name, value)
    if code < 300 or request.method != "INVITE":
        for value in request.lines("Record-Route"):
            answer.add("Record-Route", value)
    for name, value in headers:
        answer.add(name, value)
    return answer
