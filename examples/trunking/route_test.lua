-- opensips test examples/trunking
local test = require "test"

local function trunk(t)
  return t:phone("+4930555123@example.com", { address = "127.0.0.1:5071" }),
         t:phone("carrier@example.net", { address = "127.0.0.1:5072" })
end

test.case("the carrier sees international numbers, and who it is", function(t)
  local pbx, carrier = trunk(t)
  local call = pbx:invite("00441632960123@127.0.0.1", { headers = { ["X-Internal"] = "desk 7" } })
  local outside = carrier:expect "INVITE"
  outside:expect_uri "sip:+441632960123@127.0.0.1:5072"
  outside:expect_header("P-Asserted-Identity", "sip:+4930555123@example.com"):expect_no_header "X-Internal"
  outside:reply(183):reply(200)
  call:expect(183):expect(200):ack()
  outside:expect "ACK"
  local bye = outside:bye()
  call:expect "BYE":reply(200)
  bye:expect(200)
end)

test.case("national numbers become international ones", function(t)
  local pbx, carrier = trunk(t)
  pbx:invite "040123456@127.0.0.1"
  carrier:expect "INVITE":expect_uri "sip:+4940123456@"
end)

test.case("nobody calls by another's number", function(t)
  local pbx, carrier = trunk(t)
  pbx:invite("040123456@127.0.0.1", { from = "<sip:+4930999@example.com>" }):expect(403)
  carrier:expect_nothing()
end)

test.case("calls from the carrier reach the PBX, which is not told who they are", function(t)
  local pbx, carrier = trunk(t)
  local call = carrier:invite("030555100@127.0.0.1", { headers = { ["P-Asserted-Identity"] = "<sip:secret@example.net>" } })
  local inside = pbx:expect "INVITE"
  inside:expect_uri "sip:+4930555100@127.0.0.1:5071":expect_no_header "P-Asserted-Identity"
  inside:reply(486)
  call:expect(486)
  carrier:invite "030777@127.0.0.1":expect(404)
end)

test.case("there are 30 lines", function(t)
  local pbx, carrier = trunk(t)
  local calls = {}
  for i = 1, 30 do calls[i] = pbx:invite "040123456@127.0.0.1" end
  pbx:invite "040123456@127.0.0.1":expect(503):expect_header("Retry-After", "5")
  carrier:expect "INVITE":reply(404)
  calls[1]:expect(404)
  pbx:invite "040123456@127.0.0.1"
  for _ = 1, 30 do carrier:expect "INVITE" end
end)

test.case("strangers are turned away", function(t)
  trunk(t)
  t:phone "mallory@example.org":invite "040123456@127.0.0.1":expect(403)
  t:expect_log "nobody of ours"
end)
