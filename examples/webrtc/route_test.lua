-- opensips test examples/webrtc
local test = require "test"

test.case("a browser is called over the connection that it registered by", function(t)
  local browser = t:phone("alice", { transport = "ws", contact = "<sip:alice@k3d9.invalid;transport=ws>" })
  local bob = t:phone "bob"
  browser:register()
  bob:register()

  local call = bob:invite("alice", { body = "v=0\r\n" })
  local rings = browser:expect "INVITE":expect_body "v=0"
  rings:reply(180):reply(200)
  call:expect(180):expect(200):ack()
  rings:expect "ACK"
  local bye = rings:bye()
  call:expect "BYE":reply(200)
  bye:expect(200)
end)

test.case("a telephone is called by a browser", function(t)
  local browser = t:phone("alice", { transport = "ws", contact = "<sip:alice@k3d9.invalid;transport=ws>" })
  local bob = t:phone "bob"
  bob:register()
  local call = browser:invite "bob"
  local rings = bob:expect "INVITE":reply(200)
  call:expect(200):ack()
  rings:expect "ACK"
  call:bye()
  rings:expect "BYE":reply(200)
end)

test.case("only our users are called", function(t)
  local bob = t:phone "bob"
  bob:invite "carol":expect(404)
  bob:invite "carol@example.org":expect(403)
end)
