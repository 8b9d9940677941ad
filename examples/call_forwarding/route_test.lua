-- opensips test examples/call_forwarding
local test = require "test"

local rules_of = "http://127.0.0.1:8081/forward?user="

local function phones(t)
  local alice, bob, carol = t:phones("alice", "bob", "carol")
  bob:register()
  carol:register()
  return alice, bob, carol
end

test.case("without rules the phone rings", function(t)
  local alice, bob = phones(t)
  t:http("GET", rules_of .. "bob"):returns(404)
  local call = alice:invite "bob"
  bob:expect "INVITE":reply(180):reply(200)
  call:expect(180):expect(200):ack()
end)

test.case("a busy phone's calls go where its rules say, with a word about why they come", function(t)
  local alice, bob, carol = phones(t)
  t:http("GET", rules_of .. "bob"):returns(200, ('{"busy": "%s"}'):format("sip:carol@192.0.2.3:5060"))
  local call = alice:invite "bob"
  bob:expect "INVITE":reply(486)
  carol:expect "INVITE":expect_header("Diversion", "sip:bob@"):reply(200)
  call:expect(200):ack()
end)

test.case("nobody answers for 20 seconds", function(t)
  local alice, bob, carol = phones(t)
  t:http("GET", rules_of .. "bob"):returns(200, '{"no_answer": "sip:carol@192.0.2.3:5060"}')
  local call = alice:invite "bob"
  local ringing = bob:expect "INVITE":reply(180)
  t:advance "19s"
  carol:expect_nothing()
  carol:expect("INVITE", { within = "2s" }):reply(200)
  ringing:expect "CANCEL"
  call:expect(200):ack()
end)

test.case("a service that is slow holds a call for one second, and no longer", function(t)
  local alice, bob = phones(t)
  t:http("GET", rules_of .. "bob"):returns(404):after "5s"
  alice:invite "bob"
  bob:expect_nothing()
  bob:expect("INVITE", { within = "1100ms" })
  t:expect_log "forwarding of bob: timed out"
end)

test.case("the service is asked once in ten seconds", function(t)
  local alice, bob = phones(t)
  local service = t:http("GET", rules_of .. "bob"):returns(404)
  for _ = 1, 3 do
    local call = alice:invite "bob"
    bob:expect "INVITE":reply(486)
    call:expect(486)
  end
  service:expect_asked(1)
  t:advance "11s"
  alice:invite "bob"
  service:expect_asked(2)
end)
