"""A source that sends more than it may is dropped before anything is looked at; nobody else notices."""
from harness import Stream, check, equal
from harness.message import fresh

MOST = 50
WINDOW_MS = 60_000  # longer than the test


def limited(env):
    return env.server(globals_={"source_limit": MOST, "source_limit_unit": WINDOW_MS,
                                "source_limit_exempt": f'"{env.ip}"'})


def somebody_else(env, name="flooder"):
    return env.endpoint(name, ip=env.ip.rpartition(".")[0] + ".1")


def flood(source, server, count):
    """How many of so many requests are answered."""
    sent = [source.request("OPTIONS", f"sip:nobody@{server.hostport}") for _ in range(count)]
    for request in sent:
        source.send(request, server)
    answered = 0
    while source.maybe(404, 1.0 * source.env.patience):
        answered += 1
    return answered


def command(server, name, params=None):
    with Stream(server.control_socket) as stream:
        return stream.call(name, params)


def statistic(server, name):
    return command(server, "statistics:get", {"statistics": [name]})["result"][name]


def test_a_flooder_is_limited_and_nobody_else(env):
    server, flooder = limited(env), somebody_else(env)
    with env.alive(server) as alive:
        equal(flood(flooder, server, 200), MOST, "answers to the flooder")
        alive.check()
        equal(flood(env.endpoint("exempt"), server, 2 * MOST), 2 * MOST, "answers to an exempt source")
    equal(statistic(server, "core:limited_messages"), 150, "dropped messages")


def test_who_is_limited_is_told(env):
    server, flooder = limited(env), somebody_else(env)
    flood(flooder, server, MOST)
    equal(command(server, "pike:list")["result"], {"Sources": []}, "who is limited, before")
    flood(flooder, server, 30)
    equal(command(server, "pike:list")["result"], {"Sources": [{"IP": flooder.ip, "Dropped": 30}]}, "who is limited")
    server.wait_log(f"flood from {flooder.hostport}: more than {MOST} messages in {WINDOW_MS} ms")
    equal(server.log().count("flood from"), 1, "lines in the log")


def test_connections_count_too(env):
    server = env.server(globals_={"source_limit": 5, "source_limit_unit": WINDOW_MS}, transports=("udp", "tcp"))
    source = env.ip.rpartition(".")[0] + ".1"
    connection = env.connect(server, source)
    for _ in range(8):
        word = fresh()
        connection.send((f"OPTIONS sip:nobody@{server.hostport} SIP/2.0\r\nVia: SIP/2.0/TCP {source}:5060;"
                         f"branch=z9hG4bK{word}\r\nMax-Forwards: 70\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\n"
                         f"Call-ID: {word}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n").encode())
    for _ in range(5):
        connection.expect(env, 404)
    connection.expect_open(env)
    equal(statistic(server, "core:limited_messages"), 3, "dropped messages")


def test_without_a_limit_there_is_none(env):
    server, source = env.server(), somebody_else(env)
    equal(flood(source, server, 200), 200, "answers")
    check("error" in command(server, "pike:list"), "pike:list without a limit is no error")
