"""Where answers go by UDP: to the port of the Via, or with rport, asked for or forced, to where the request came from."""
from harness import check, equal
from harness.message import param_of

FORCED = """
local sip = require "sip"
sip.on_request(function(req)
  req:force_rport()
  sip.sleep("10ms")
  return req:reply(404)
end)
"""


def request_behind_nat(phone, server, other, rport=False):
    """As a phone sends it whose NAT has changed address and port: its Via names `other`."""
    request = phone.request("OPTIONS", f"sip:nobody@{server.hostport}")
    via = f"SIP/2.0/UDP {other.hostport};branch=z9hG4bK{request.branch[7:]}"
    return request.set("Via", via + (";rport" if rport else ""))


def test_without_rport_the_vias_port_counts(env):
    server, phone = env.server(), env.endpoint("phone")
    other = env.endpoint("other")
    phone.send(request_behind_nat(phone, server, other), server)
    other.expect(404)
    phone.expect_silence(404)


def answered_with_rport(phone, server, other, rport=False):
    phone.send(request_behind_nat(phone, server, other, rport), server)
    answer = phone.expect(404)
    equal(param_of(answer.get("Via"), "rport"), str(phone.port), "rport")
    check(param_of(answer.get("Via"), "received") == phone.ip, f"Via is {answer.get('Via')}")
    other.expect_silence(404)


def test_rport_is_asked_for(env):
    answered_with_rport(env.endpoint("phone"), env.server(), env.endpoint("other"), rport=True)


def test_rport_is_forced_for_all(env):
    answered_with_rport(env.endpoint("phone"), env.server(globals_={"force_rport": "yes"}), env.endpoint("other"))


def test_a_script_forces_rport(env):
    answered_with_rport(env.endpoint("phone"), env.server(FORCED), env.endpoint("other"))
