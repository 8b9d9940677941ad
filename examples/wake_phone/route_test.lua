-- opensips test examples/wake_phone
local test = require "test"

local function push(t) return t:http("POST", "http://127.0.0.1:8080/push"):returns(204) end

test.case("a call wakes the phone and waits until it has registered", function(t)
  local service = push(t)
  local alice, bob = t:phones("alice", "bob")
  local call = alice:invite "bob"
  t:equal(service:asked()[1].body, "bob@127.0.0.1", "who is woken")
  t:advance "3s"
  bob:register()
  bob:expect "INVITE":reply(200)
  call:expect(200):ack()
end)

test.case("a phone that stays asleep for 20 seconds is not called", function(t)
  push(t)
  local call = t:phone "alice":invite "bob"
  t:advance "19s"
  call:expect(480, { within = "2s" })
end)

test.case("a caller who gives up is not waited for", function(t)
  push(t)
  local alice, bob = t:phones("alice", "bob")
  alice:invite "bob":cancel():expect(487)
  bob:register()
  bob:expect_nothing()
end)

test.case("that a phone falls asleep is noted", function(t)
  t:phone "bob":register { expires = 60 }
  t:advance "70s"
  t:expect_log "bob@127.0.0.1 is asleep"
end)
