-- Every word of opensips-test(7) that the examples do not use.
local test = require "test"
test.script("route.lua", [[
loadmodule "cachedb_redis.so"
loadmodule "db_mysql.so"
db_default_url="mysql://user:secret@db.example.com/calls"
]])

test.case("statements are answered by their text and values", function(t)
  local alice, bob, carol = t:phones("alice", "bob", "carol")
  local asked = t:sql("select target, note from routes *", "alice"):returns { { target = "sip:x", note = "n" } }
  t:sql("SELECT target*", "bob"):returns {}
  t:sql("SELECT target*", "carol"):returns { { target = "sip:y" } }
  t:sql "UPDATE routes *":changes(2, 7)
  alice:request("OPTIONS", "sql"):expect(200):expect_header("X-Target", "sip:x"):expect_header("X-Note", "n")
       :expect_header("X-Changed", "2"):expect_header("X-Id", "7")
  bob:request("OPTIONS", "sql"):expect(404)
  carol:request("OPTIONS", "sql"):expect(200):expect_header("X-Note", "none")
  asked:expect_asked(1)
  t:equal(asked:asked()[1].values[1], "alice")
end)

test.case("databases fail", function(t)
  local alice = t:phone "alice"
  t:sql "SELECT *":fails "unavailable"
  t:sql "SELECT *":fails "timed out":once()
  t:equal(alice:request("OPTIONS", "sql"):expect(503).message.reason, "timed out")
  t:equal(alice:request("OPTIONS", "sql"):expect "5xx".message.reason, "unavailable")
end)

test.case("the server's tables answer by themselves", function(t)
  t:rows("subscriber", { username = "b", domain = "example.com" }, { username = "a", domain = "example.com" })
  t:phone "alice":request("OPTIONS", "statement"):expect(200):expect_header("X-Users", "ab")
end)

test.case("Redis", function(t)
  local alice, bob = t:phones("alice", "bob")
  t:redis("LRANGE", "queue", 0, -1):returns { "one", "two" }
  t:redis "GET":returns(nil)
  t:redis("GET", "key of alice"):returns "text"
  alice:request("OPTIONS", "redis"):expect(200):expect_header("X-List", "one+two"):expect_header("X-Text", "text")
  bob:request("OPTIONS", "redis"):expect(200):expect_header("X-Text", "none")
  t:redis "GET":fails "unavailable"
  bob:request("OPTIONS", "redis"):expect(503)
end)

test.case("name servers", function(t)
  local first, second = t:phone("first", { address = "192.0.2.71:5066" }), t:phone("second", { address = "192.0.2.72" })
  t:dns("_sip._udp.example.org", { port = 5066, target = "one.example.org", priority = 1 },
        { target = "two.example.org", priority = 2 })
  t:dns("one.example.org", "192.0.2.71")
  t:dns("two.example.org", "192.0.2.72")
  local call = t:phone "alice":invite "away"
  first:expect "INVITE":reply(503)
  second:expect "INVITE":expect_uri "sip:carol@example.org":reply(200)
  call:expect(200):ack()
end)

test.case("name servers that say nothing", function(t)
  t:dns_fails "example.org"
  t:phone "alice":invite "away":expect(503)
end)

local drawn
for _, seed in ipairs { 1, 1, 2 } do
  test.seed(seed)
  test.case("random numbers come from seed " .. seed, function(t)
    local before = drawn
    drawn = t:phone "alice":request("OPTIONS", "token"):expect(200).message.reason
    if before then t:equal(before == drawn, seed == 1) end
  end)
end

test.time "2026-07-04 09:59"
test.case("the time of day passes with the clock", function(t)
  local alice = t:phone "alice"
  alice:request("OPTIONS", "date"):expect(404)
  t:advance "1m"
  alice:request("OPTIONS", "date"):expect(200)
end)

for _ = 1, 2 do
  test.case("each case has a server of its own", function(t)
    t:phone "alice":request("OPTIONS", "memory"):expect(200):expect_header("X-Count", "1")
    t:equal(t:statistic "tm:received_requests" or 1, 1)
    t:check(t:command "script:list":find('"generation":1', 1, true), "there is one generation")
  end)
end

test.case("messages inside a call go both ways", function(t)
  local alice, agent = t:phone "alice", t:phone("agent", { address = "192.0.2.2", transport = "udp" })
  local call = alice:invite("agent", { body = "v=0\r\n", headers = { "Subject: one", "Subject: two" } })
  local side = agent:expect "INVITE":expect_body "v=0"
  t:equal(table.concat(side:headers "Subject", ","), "one,two")
  side:reply(183, { reason = "Early", body = "v=1\r\n", content_type = "text/plain" }):reply(200, { headers = { ["X-Ok"] = 1 } })
  call:expect(183):expect_body "v=1"
  call:expect(200):expect_header("X-Ok", "1"):ack()
  side:expect "ACK"

  local again = call:reinvite { body = "v=2\r\n" }
  side:expect "INVITE":expect_body "v=2":reply(200)
  again:expect(200)
  call:ack()
  side:expect "ACK"
  local info = side:request("INFO", { body = "5", content_type = "application/dtmf-relay" })
  call:expect "INFO":expect_body "5":reply(200)
  info:expect(200)
  call:expect_nothing()
  local bye = call:bye()
  side:expect "BYE":reply(200)
  bye:expect(200)
end)

test.case("what gets lost is sent again, and shown once", function(t)
  local alice, agent = t:phone "alice", t:phone("agent", { address = "192.0.2.2" })
  local call = alice:invite "agent"
  local side = agent:expect "INVITE"
  t:advance "4s"
  agent:expect_nothing()
  side:reply(486)
  call:expect(486)
end)
