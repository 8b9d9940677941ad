"""Memory is bounded: near its limit new requests are refused with 503, calls that stand go on, and what has been freed is used
for others again; without a limit of ours the same comes of allocations that fail."""
import resource
import time

from harness import Call, CalledSide, Stream, check, equal, establish, hang_up, statistics

LIMIT = 180

SCRIPT = """
local sip = require "sip"
sip.on_request(function(req)
  if req.method == "OPTIONS" then return req:reply(200) end
  if req.ruri.user == "callee" then return req:relay(req:header("X-Target")) end
  sip.wait("E_CORE_RELOADED", nil, "5m")
  req:reply(486)
end)
"""
BODY = b"v=0\r\n" + b"a=x\r\n" * 6000    # what each call that waits holds at least
MIB = 1 << 20


def code_of_options(caller, server):
    return caller.transact(caller.request("OPTIONS", f"sip:{server.hostport}"), server).code


def fill(caller, server, most):
    """Calls that wait, until one is refused; how many do."""
    for number in range(most):
        call = Call(caller, server, f"sip:waits@{server.hostport}", body=BODY).start()
        answer = caller.expect(lambda m: not m.is_request and m.call_id == call.invite.call_id, "word of the call")
        if answer.code not in (100, 500):      # 500: there was none for the script
            equal(answer.code, 503, "the refusal")
            check(answer.get("Retry-After"), "the refusal does not say when to come back")
            return number
    raise AssertionError(f"{most} calls, and none is refused")


def let_go(caller, server):
    """The calls that wait end, and new ones are taken again."""
    with Stream(server.control_socket) as operator:
        check("result" in operator.call("reload_routes"), "the script is not loaded again")
    until = time.monotonic() + 60
    while code_of_options(caller, server) != 200:
        check(time.monotonic() < until, "requests are refused still")
        time.sleep(0.2)


def test_near_the_limit(env):
    if env.sanitizer:
        env.skip("under a sanitizer what is freed is not given back")
    measured = env.server(SCRIPT, workers=2)
    (used,) = statistics(measured, "shmem:used_size")
    measured.stop()
    server = env.server(SCRIPT, workers=2, globals_={"memory_limit": (used + 16 * MIB) * 10 // 9 // MIB})
    caller, callee, filler = env.endpoint("caller"), env.endpoint("callee"), env.endpoint("filler")
    call, side = establish(caller, callee, server, f"sip:callee@{server.hostport}", [("X-Target", callee.uri())])
    check(fill(filler, server, 4000) > 100, "hardly any call is taken")
    server.wait_log("MiB of memory are in use: new requests are answered 503")
    equal(code_of_options(caller, server), 503, "a new request")
    let_go(caller, server)
    hang_up(call, side)
    check(statistics(server, "core:memory_shortages")[0] >= 1, "it was not counted")
    call = Call(caller, server, f"sip:callee@{server.hostport}", headers=[("X-Target", callee.uri())]).start()
    CalledSide.expect(callee).refuse(486)
    call.fails_with(486)


def test_allocations_that_fail(env):
    """The system refuses more address space than there is now."""
    if env.sanitizer:
        env.skip("sanitizers need address space as they like")
    server = env.server(SCRIPT, workers=1)
    caller, callee, filler = env.endpoint("caller"), env.endpoint("callee"), env.endpoint("filler")
    call, side = establish(caller, callee, server, f"sip:callee@{server.hostport}", [("X-Target", callee.uri())])
    pages = int(open(f"/proc/{server.process.pid}/statm").read().split()[0])
    before = resource.prlimit(server.process.pid, resource.RLIMIT_AS)
    resource.prlimit(server.process.pid, resource.RLIMIT_AS, (pages * resource.getpagesize() + MIB, before[1]))
    fill(filler, server, 8000)
    hang_up(call, side)                       # it goes on with what was set aside
    check(statistics(server, "core:memory_shortages")[0] >= 1, "it was not counted")
    resource.prlimit(server.process.pid, resource.RLIMIT_AS, before)
    let_go(caller, server)
