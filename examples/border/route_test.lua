-- opensips test examples/border
local test = require "test"

local function sides(t)
  return t:phone("4930555123@example.com", { address = "127.0.0.2:5071" }),
         t:phone("north@example.net", { address = "127.0.0.3:5072" }), t:phone("south@example.net", { address = "127.0.0.4:5073" })
end

test.case("carriers see a customer's number, and no headers that a call does not need", function(t)
  local acme, north = sides(t)
  local call = acme:invite("441632960123@127.0.0.1", { headers = { ["X-Internal"] = "desk 7" } })
  local outside = north:expect "INVITE"
  outside:expect_header("P-Asserted-Identity", "tel:+4930555123"):expect_no_header "X-Internal"
  outside:reply(200)
  call:expect(200):ack()
  outside:expect "ACK"
end)

test.case("a carrier that fails is followed by the next", function(t)
  local acme, north, south = sides(t)
  local call = acme:invite "441632960123@127.0.0.1"
  north:expect "INVITE":reply(500)
  south:expect "INVITE":reply(486)
  call:expect(486)
end)

test.case("who is of no side gets no answer", function(t)
  sides(t)
  local call = t:phone "mallory@example.org":invite "441632960123@127.0.0.1"
  t:expect_log "nobody of ours"
  t:advance "5s"
  t:equal(#call.invite.replies, 0)
end)
