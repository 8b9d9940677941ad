-- opensips test examples/dialplan
local test = require "test"

local function dials(t, number)
  local gateway = t:phone("gateway", { address = "127.0.0.1:5070" })
  local call = t:phone "alice":invite(number)
  return gateway, call
end

for _, row in ipairs { { "030123456", "+4930123456" }, { "004420123456", "+4420123456" }, { "123456", "+4930123456" },
                       { "0049112", "112" }, { "110", "110" } } do
  local dialled, number = unpack(row)
  test.case(dialled .. " becomes " .. number, function(t)
    dials(t, dialled):expect "INVITE":expect_uri("sip:" .. number .. "@127.0.0.1:5070")
  end)
end

test.case("some numbers are barred, some are none", function(t)
  local gateway, call = dials(t, "00900123")
  call:expect(403)
  t:phone "bob":invite "12":expect(404)
  t:expect_log "12 cannot be called"
  gateway:expect_nothing()
end)

test.time "2026-01-05 10:00"   -- a Monday, 11:00 in Berlin
test.case("the hotline is answered in office hours", function(t)
  dials(t, "hotline"):expect "INVITE":expect_uri "sip:+4930111@"
end)

test.time "2026-01-05 16:59"
test.case("office hours end at six, in Berlin", function(t)
  local gateway, call = dials(t, "hotline")
  gateway:expect "INVITE":expect_uri "sip:+4930111@":reply(486)
  call:expect(486)
  t:advance "1m"
  t:phone "bob":invite "hotline"
  gateway:expect "INVITE":expect_uri "sip:+4930112@"
end)

test.time "2026-01-04 10:00"
test.case("nobody is in on Sundays", function(t)
  dials(t, "hotline"):expect "INVITE":expect_uri "sip:+4930112@"
end)
