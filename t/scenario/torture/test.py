"""The messages of t/torture (RFC 4475, RFC 5118) over UDP and TCP: each is forwarded, answered or dropped as its manifest
allows, what is forwarded is what came, and after each one the server still answers. The RFCs' own run too, over UDP,
where they are at hand."""
import os
import pathlib
import re

from harness import Call, CalledSide, check, equal
from harness.message import COMPACT, fresh, response

LIMIT = 120
HOP_HEADERS = {"via", "max-forwards", "route", "record-route", "max-breadth"}  # a proxy changes these


class Case:
    def __init__(self, folder, row):
        self.name, self.kind, self.port = row["file"], row["kind"], int(row["reply_port"])
        self.allowed = set(row["udp_outcomes"].split(","))
        self.stream = row.get("stream_outcomes", "=")
        self.bytes = (folder / row["file"]).read_bytes()
        call_id = re.search(rb"(?im)^(?:call-id|i)[ \t]*:[ \t]*(\S+)", self.bytes)
        self.call_id = call_id.group(1) if call_id else b""
        self.branches = set(re.findall(rb"branch\s*=\s*(z9hG4bK[^;,\s]+)", self.bytes)[:1])

    def allows(self, outcome):
        """`!400`: whatever is not that, and not silence."""
        return outcome in self.allowed or any(
            one.startswith("!") and outcome not in ("N", one[1:]) for one in self.allowed)


def cases_of(folder):
    lines = [line for line in (folder / "manifest.tsv").read_text("utf-8").splitlines() if not line.startswith("#")]
    names = lines[0].split("\t")
    return [Case(folder, dict(zip(names, line.split("\t")))) for line in lines[1:]]


def originals(env):
    folder = pathlib.Path(os.environ.get("TORTURE_DATA") or env.root.parent / "shared/data/torture")
    if not (folder / "manifest.tsv").exists():
        env.skip("no ../shared/data/torture, and TORTURE_DATA does not name another")
    return cases_of(folder)


def rounds(cases):
    """Of the originals several have one branch or Call-ID: a server would take the second for a copy of the first, so
    each round has a server of its own."""
    left = list(cases)
    while left:
        taken, seen = [], set()
        for case in left:
            keys = case.branches | {case.call_id}
            if not keys & seen:
                taken.append(case)
                seen |= keys
        yield taken
        left = [case for case in left if case not in taken]


class Bench:
    """One server with one worker: what it does about a message it has done when it answers the next one."""

    def __init__(self, env, cases, domain="home.example"):
        self.env, self.domain = env, domain
        self.sink, self.prober = env.endpoint("sink"), env.endpoint("prober")
        # Their port is in the messages; the address is this test's own, so nobody else has it.
        self.senders = {port: env.endpoint("sender", port=port) for port in {case.port for case in cases}}
        self.start()

    def start(self):
        self.server = self.env.server("route.lua", workers=1, transports=("udp", "tcp"), values={"NEXT": self.sink.uri()},
                                      globals_={"alias": f'"{self.domain}"'})

    def probe(self):
        final = self.prober.transact(self.prober.request("OPTIONS", f"sip:are-you-there@{self.server.hostport}"),
                                     self.server)
        equal(final.code, 200, "an OPTIONS afterwards")

    def run(self, case):
        """Sends it. Returns what was forwarded and the final answers."""
        sender = self.senders[case.port]
        sender.send(case.bytes, self.server)
        self.probe()
        forwarded = [m for m in self.sink.drain(0.02) if m.is_request and m.method != "ACK"]
        for message in forwarded:  # so that it is not sent again
            self.sink.send(response(message, 200, "OK", fresh("t")), self.server)
        if forwarded:
            self.probe()
        answers = [m for m in sender.drain(0.02) if m.code >= 200 and case.call_id in m.raw]
        return [m for m in forwarded if case.call_id in m.raw], answers

    def judge(self, case):
        forwarded, answers = self.run(case)
        outcome = "F" if forwarded else str(answers[0].code) if answers else "N"
        check(case.allows(outcome), f"{case.name}: {outcome}, not one of {sorted(case.allowed)}")
        check(len(forwarded) <= 1, f"{case.name}: forwarded {len(forwarded)} times")
        for message in forwarded:
            unchanged(case, message)
        return forwarded, answers


    def over_a_stream(self, case):
        """Sends it over a connection of its own, and an OPTIONS behind it. Returns what was forwarded, what was answered
        before the OPTIONS was, and whether the connection was closed."""
        peer = self.env.connect(self.server)
        behind = self.prober.request("OPTIONS", f"sip:are-you-there@{self.server.hostport}")
        peer.send(case.bytes + behind.bytes())
        if case.stream == "W":
            peer.expect_open(self.env)
        answers = []
        while case.stream != "W" and not any(m.call_id == behind.call_id for m in answers):
            while (message := peer.take()) is None and not peer.closed:
                if not peer.fill(5 * self.env.patience):
                    self.env.fail(f"{case.name}: neither an answer to what comes behind it nor closed")
            if message is None:
                break
            answers.append(message)
        self.probe()
        forwarded = [m for m in self.sink.drain(0.02) if m.is_request and m.method != "ACK"]
        for message in forwarded:
            self.sink.send(response(message, 200, "OK", fresh("t")), self.server)
        if forwarded:
            self.probe()
        return forwarded, [m for m in answers if m.code >= 200 and m.call_id != behind.call_id], peer.closed

    def judge_stream(self, case):
        forwarded, answers, closed = self.over_a_stream(case)
        outcome = (str(answers[0].code) if answers else "") + ("F" if forwarded else "") + ("C" if closed else "")
        if case.stream == "=":
            check(case.allows(outcome or "N"), f"{case.name}: {outcome or 'N'}, not one of {sorted(case.allowed)}")
        else:
            equal(outcome or "W", case.stream, case.name)


def header_lines(head):
    """The header lines in order, each with its continuation lines; CR and LF of the folds are blanks, as a proxy may
    write them."""
    lines = re.sub(rb"\r\n(?=[ \t])", b"  ", head).split(b"\r\n")[1:]
    found = []
    for line in lines:
        name = line.partition(b":")[0].strip().decode("latin-1").lower()
        if COMPACT.get(name, name) not in HOP_HEADERS:
            found.append(line.rstrip())
    return found


def unchanged(case, message):
    """Start line, all headers but those of the hop, and the body are what came."""
    head, _, body = case.bytes.partition(b"\r\n\r\n")
    new_head, _, new_body = message.raw.partition(b"\r\n\r\n")
    equal(new_head.split(b"\r\n")[0], head.split(b"\r\n")[0], f"{case.name}: start line")
    equal(header_lines(new_head), header_lines(head), f"{case.name}: headers")
    length = re.search(rb"(?im)^(?:content-length|l)[ \t]*:[ \t]*(\d+)", head)
    equal(new_body, body[:int(length.group(1))] if length else body, f"{case.name}: body")


def test_ours(env):
    cases = cases_of(env.root / "t/torture")
    equal(len(cases), 49 + 12, "cases")
    bench = Bench(env, cases)
    with env.alive(bench.server) as alive:
        for case in cases:
            bench.judge(case)
        alive.check()


def test_ours_over_a_stream(env):
    cases = cases_of(env.root / "t/torture")
    bench = Bench(env, [])
    with env.alive(bench.server) as alive:
        for case in cases:
            bench.judge_stream(case)
        alive.check()


def test_originals(env):
    cases = originals(env)
    bench = Bench(env, cases, "example.com")
    for number, some in enumerate(rounds(cases)):
        if number:
            bench.server.stop()
            bench.start()
        for case in some:
            bench.judge(case)


def single(env, *names):
    """A bench and those cases of ours."""
    cases = {pathlib.Path(case.name).stem: case for case in cases_of(env.root / "t/torture")}
    chosen = [cases[name] for name in names]
    return Bench(env, chosen), chosen


# What a status alone does not show

def test_contacts_are_registered_as_they_are_meant(env):
    bench, cases = single(env, "escnull", "cparam01", "cparam02", "regescrt")
    contacts = [[re.sub(r";(expires|q)=[^;]*", "", one) for one in bench.judge(case)[1][0].all("Contact")]
                for case in cases]
    equal(sorted(contacts[0]), ["<sip:%00%00@pc.home.example>", "<sip:%00@pc.home.example>"], "escnull")
    equal(re.findall("<[^>]*>", contacts[1][0]), ["<sip:+15550100@gw.away.example>"], "cparam01")
    equal(contacts[2], ["<sip:+15550100@gw.away.example;novelty>"], "cparam02")
    equal(contacts[3], ["<sip:rosa@pc.home.example?Route=%3Csip:far.example%3Blr%3E>"], "regescrt")


def test_420_names_what_the_proxy_does_not_know(env):
    bench, (case,) = single(env, "bext01")
    equal(bench.judge(case)[1][0].all("Unsupported"), ["noProxyCanDoThis", "norThat"], "Unsupported")


def test_second_request_of_a_datagram_goes_nowhere(env):
    bench, (case,) = single(env, "dblreq")
    bench.judge(case)
    bench.probe()
    check(not bench.sink.drain(0.02), "the second one was forwarded")


def test_cookie_alone_is_no_branch(env):
    """Two requests that have it are two requests."""
    bench, (case,) = single(env, "badbranch")
    bench.judge(case)
    case.bytes, case.call_id = case.bytes.replace(case.call_id, b"another-one"), b"another-one"
    case.allowed = {"F"}
    bench.judge(case)


def test_headers_of_a_contact_are_not_sent(env):
    """RFC 3261 16.6 step 2: what may not stand in a Request-URI is taken out of a target."""
    server, caller, callee = env.server(), env.endpoint("caller"), env.endpoint("callee")
    target = callee.uri() + ";x=y;method=BYE?Route=%3Csip:far.example%3Blr%3E&Subject=z"
    call = Call(caller, server, f"sip:callee@{server.hostport}", headers=[("X-Target", target)]).start()
    called = CalledSide.expect(callee)
    equal(called.invite.uri, callee.uri() + ";x=y", "Request-URI")
    check(not called.invite.all("Route"), "a Route came out of a URI")
    called.refuse(486)
    call.fails_with(486)


def test_reason_phrases_come_through(env):
    bench, cases = single(env, "unreason", "noreason")
    for case in cases:
        start = case.bytes.split(b"\r\n")[0].decode()
        code = int(start.split(" ")[1])
        method = "INVITE" if code < 200 else "MESSAGE"  # to which nobody answers provisionally (RFC 4320)
        request = bench.prober.request(method, "sip:rosa@away.example", body=b"hello")
        bench.prober.send(request, bench.server)
        got = bench.sink.expect(method)
        answer = response(got, 200, "OK", "t")
        answer.start = start
        bench.sink.send(answer, bench.server)
        equal(bench.prober.expect(code).start, start, "start line")
        if code < 200:
            bench.sink.send(response(got, 486, "Busy Here", "t"), bench.server)
            bench.prober.expect_final(request)


# Faults 1 to 3 of any message

def test_cut_and_spoilt(env):
    """Cut at many places, with octets changed; over two workers."""
    sender = env.endpoint("sender")
    server = env.server(workers=2)
    step = 11 if env.scale >= 0.3 else 61
    with env.alive(server) as alive:
        for case in cases_of(env.root / "t/torture"):
            for size in range(1, len(case.bytes), step):
                sender.send(case.bytes[:size], server)
                spoilt = bytearray(case.bytes)
                spoilt[size] ^= 1 << size % 8
                sender.send(bytes(spoilt), server)
            sender.drain(0)
        alive.check()
