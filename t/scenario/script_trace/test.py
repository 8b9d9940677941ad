"""script:trace: an operator follows what the script does with a caller's calls, and sees them as ladders."""
import subprocess

from harness import Call, CalledSide, check

SCRIPT = """local sip = require "sip"
sip.on_request(function(req)
  local res = req:fork(req:header "X-Target", { timeout = "30s" })
  if res then return res:forward() end
end)
"""


def test(env):
    server, caller, callee = env.server(SCRIPT), env.endpoint("caller"), env.endpoint("callee")

    def ctl(*words):
        return subprocess.run([env.build / "opensipsctl", "-s", server.control_socket, *words], capture_output=True,
                              text=True, timeout=30 * env.patience, check=False)

    def refused_call():
        call = Call(caller, server, f"sip:callee@{server.hostport}", headers=[("X-Target", callee.uri())]).start()
        CalledSide.expect(callee).refuse(486, "Busy Here")
        call.fails_with(486)

    check(ctl("script:trace", "caller=somebody").returncode == 0, "somebody's calls are traced")
    refused_call()
    check(ctl("script:ladder").returncode == 1, "a call that was not asked for was traced")

    check(ctl("script:trace", "caller=caller", "calls=1").returncode == 0, "the caller's calls are traced")
    refused_call()
    refused_call()
    name = server.script_path.name
    server.wait_log(rf"trace: \S+: {name}:3 request:fork\(")
    server.wait_log(r"trace: \S+: ended")
    ladder = ctl("script:ladder").stdout
    for wanted in ("INVITE", f"{name}:3 request:fork", "486 Busy Here", "waited ", "ended"):
        check(wanted in ladder, f"no {wanted!r} in: {ladder}")
    check(ladder.count("on_request") == 1, f"more than a call is in: {ladder}")
    check(ctl("script:trace_off").returncode == 0, "tracing ends")
