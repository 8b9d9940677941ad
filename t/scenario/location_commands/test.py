"""What an operator sees of the registrations, and what he changes calls see."""
import json

from harness import CalledSide, Call, Stream, check, equal

SCRIPT = """
local sip = require "sip"
sip.on_request(function(req)
  if req.method == "REGISTER" then return req:save_location() end
  local groups = sip.location:lookup(req)
  if not groups then return req:reply(404) end
  return req:fork(groups[1]):forward()
end)
"""


def register(phone, server, aor):
    request = phone.request("REGISTER", server.uri, aor, [("Expires", "600"), ("User-Agent", 'Phone "1" \u00e9')])
    request.set("Contact", f"<{phone.uri()}>;q=0.5")
    equal(phone.transact(request, server).code, 200, "REGISTER")


def test(env):
    server = env.server(SCRIPT)
    client, phone, caller = Stream(server.control_socket), env.endpoint("alice"), env.endpoint("caller")
    aor = f"alice@{server.address[0]}"

    def call(name, *params):
        return client.call(name, list(params))

    equal(call("ul_dump")["result"]["Domains"][0]["AORs"], [], "the table at the start")
    register(phone, server, f"sip:{aor}")
    dumped = call("usrloc:dump")["result"]["Domains"][0]
    equal((dumped["name"], [one["AOR"] for one in dumped["AORs"]]), ("location", [aor]), "usrloc:dump")
    contact = dumped["AORs"][0]["Contacts"][0]
    equal((contact["Contact"], contact["Q"], contact["User-agent"]), (phone.uri(), "0.5", 'Phone "1" \u00e9'), "it")
    check(590 < contact["Expires"] <= 600, f"expires in {contact['Expires']}")
    equal(contact["Socket"], f"udp:{server.hostport}", "the socket")
    equal(call("ul_dump", "brief")["result"]["Domains"][0]["AORs"], [{"AOR": aor}], "brief")
    equal(call("ul_show_contact", "location", f"sip:{aor}")["result"], dumped["AORs"][0], "ul_show_contact")
    for name, params, code in (("ul_show_contact", ["location", "bob@x"], 404), ("ul_rm", ["table", aor], 404),
                               ("ul_rm", ["location", "bob@x"], 404), ("ul_rm", ["location", "<>"], 400),
                               ("ul_rm_contact", ["location", aor, "sip:other@x"], 404),
                               ("ul_rm_contact", ["location", "bob@x", "sip:other@x"], 404),
                               ("ul_add", ["location", aor, "tel:1", 60], 400),
                               ("ul_add", ["location", aor, "sip:a@x", 0], 400),
                               ("ul_add", ["location", aor, "sip:a@x", 60, "2"], 400),
                               ("ul_add", ["location", aor, "sip:" + "a" * 66000 + "@x", 60], -32600)):
        equal(call(name, *params)["error"]["code"], code, f"{name} {params[:2]}")

    equal(call("ul_rm_contact", "location", aor, phone.uri())["result"], "OK", "ul_rm_contact")
    Call(caller, server, f"sip:{aor}").start().fails_with(404)
    equal(call("ul_add", "location", aor, phone.uri(), 60, "0.7", 0, 0, 0, 0)["result"], "OK", "ul_add")
    equal(call("ul_add", "location", aor, phone.uri(), 90)["result"], "OK", "ul_add again")
    contacts = call("ul_show_contact", "location", aor)["result"]["Contacts"]
    equal([one["Q"] for one in contacts], ["1"], "the contacts")
    ringing = Call(caller, server, f"sip:{aor}").start()
    CalledSide.expect(phone).refuse(486)
    ringing.fails_with(486)
    equal(call("usrloc:rm", "location", aor)["result"], "OK", "usrloc:rm")
    Call(caller, server, f"sip:{aor}").start().fails_with(404)
    equal(call("get_statistics", "usrloc:location-contacts")["result"], {"usrloc:location-contacts": 0}, "statistics")


def test_more_than_a_datagram(env):
    """A table that no datagram holds goes over the stream socket, and calls go on meanwhile."""
    server = env.server(SCRIPT.replace("local groups", """local target = req:header("X-Target")
  if target then return req:relay(target) end
  local groups"""))
    client = Stream(server.control_socket, timeout=60)
    contacts = env.scaled(20_000, 2000)
    with env.alive(server) as alive:
        for begin in range(0, contacts, 500):
            batch = [{"jsonrpc": "2.0", "id": i, "method": "ul_add",
                      "params": ["location", f"user{i}@example.com", f"sip:user{i}@192.0.2.1:5060", 3600]}
                     for i in range(begin, begin + 500)]
            for part in (batch[:250], batch[250:]):
                client.send(json.dumps(part) + "\n")
                check(all(one["result"] == "OK" for one in client.answer()), "ul_add")
        dumped = client.call("ul_dump")["result"]["Domains"][0]["AORs"]
        equal(len({one["AOR"] for one in dumped}), contacts, "the AORs of the dump")
        alive.check()
