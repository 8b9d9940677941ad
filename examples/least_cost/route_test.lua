-- opensips test examples/least_cost
local test = require "test"

local function carriers(t)
  t:sql "SELECT carrier, host, price, prefix FROM rates*":returns {
    { carrier = "north", host = "192.0.2.81:5060", price = 0.010, prefix = "49" },
    { carrier = "south", host = "192.0.2.82:5060", price = 0.012, prefix = "49" },
  }
  return t:phone("alice", { address = "127.0.0.9:5060" }), t:phone("north", { address = "192.0.2.81" }),
         t:phone("south", { address = "192.0.2.82" })
end

test.case("the cheapest carrier takes the call, the next one when it fails", function(t)
  local alice, north, south = carriers(t)
  local call = alice:invite "+4930123456"
  north:expect "INVITE":expect_uri "sip:+4930123456@192.0.2.81":reply(500)
  south:expect "INVITE":reply(200)
  call:expect(200):ack()
end)

test.case("a callee's word is the same by any carrier", function(t)
  local alice, north, south = carriers(t)
  local call = alice:invite "+4930123456"
  north:expect "INVITE":reply(486)
  call:expect(486)
  south:expect_nothing()
end)

test.case("without rates there are no calls", function(t)
  t:sql "SELECT *":fails "unavailable"
  t:phone("alice", { address = "127.0.0.9:5060" }):invite "+4930123456":expect(503)
end)
