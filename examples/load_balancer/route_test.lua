-- opensips test examples/load_balancer
local test = require "test"

local function servers(t)
  return t:phone("one", { address = "127.0.0.1:5071" }), t:phone("two", { address = "127.0.0.1:5072" })
end

test.case("each call goes to the server that is less busy", function(t)
  local one, two = servers(t)
  local alice, bob = t:phones("alice", "bob")
  local first = alice:invite "a"
  local at_one = one:expect "INVITE":reply(180)
  local second = bob:invite "b"
  local at_two = two:expect "INVITE"

  at_one:reply(486)
  first:expect(180):expect(486)
  at_two:reply(200)
  second:expect(200):ack()
  at_two:expect "ACK"
  second:bye()
  at_two:expect "BYE":reply(200)
end)

test.case("a server that fails is passed over, a callee's word is not", function(t)
  local one, two = servers(t)
  local call = t:phone "alice":invite "a"
  one:expect "INVITE":reply(503)
  two:expect "INVITE":reply(404)
  call:expect(404)
  t:expect_log "127.0.0.1:5071 failed"
end)

test.case("a server that says nothing is passed over after 30 seconds", function(t)
  local one, two = servers(t)
  local call = t:phone "alice":invite "a"
  one:expect "INVITE"
  two:expect("INVITE", { within = "33s" }):reply(200)
  call:expect(200):ack()
end)

test.case("who does not answer OPTIONS gets no calls until it does again", function(t)
  local one, two = servers(t)
  t:advance "5s"
  one:expect "OPTIONS":reply(200)
  two:expect "OPTIONS"
  t:advance "3s"
  t:expect_log "127.0.0.1:5072 does not answer"
  local alice = t:phone "alice"
  for _ = 1, 3 do
    local call = alice:invite "a"
    one:expect "INVITE":reply(486)
    call:expect(486)
  end
  two:expect_nothing()

  t:advance "2s"
  one:expect "OPTIONS":reply(200)
  two:expect "OPTIONS":reply(200)
  alice:invite "a"
  one:expect "INVITE"
  alice:invite "b"
  two:expect "INVITE"
end)

test.case("no server lives", function(t)
  local one, two = servers(t)
  local call = t:phone "alice":invite "a"
  one:expect "INVITE":reply(503)
  two:expect "INVITE":reply(503)
  call:expect(500)   -- another server's 503 is not ours (RFC 3261 16.7)
end)
