-- opensips test examples/residential
local test = require "test"

-- Alice, Bob and Carol are users; Alice has a short number, too. The voicemail is a server of its own.
local function service(t)
  for _, name in ipairs { "alice", "bob", "carol" } do t:user(name .. "@127.0.0.1", "secret of " .. name) end
  t:rows("dbaliases", { alias_username = "10", alias_domain = "127.0.0.1", username = "alice", domain = "127.0.0.1" })
  local phones = {}
  for _, name in ipairs { "alice", "bob", "carol" } do
    phones[name] = t:phone(name, { password = "secret of " .. name })
  end
  phones.voicemail = t:phone("voicemail", { address = "127.0.0.1:5080" })
  return phones
end

test.case("who knows the password may register", function(t)
  service(t).alice:register()
  t:phone("alice", { password = "guessed" }):register { expect = 401 }
  t:phone "alice@elsewhere.example":register { expect = 403 }
end)

test.case("all telephones of a user ring, and one takes the call", function(t)
  local p = service(t)
  local desk = t:phone("bob", { password = "secret of bob" })
  p.bob:register()
  desk:register()
  local call = p.alice:invite "bob"
  local at_bob, at_desk = p.bob:expect "INVITE":reply(180), desk:expect "INVITE":reply(180)
  at_desk:reply(200)
  at_bob:expect "CANCEL"
  call:expect(180):expect(200):ack()
  at_desk:expect "ACK"
  call:bye()
  at_desk:expect "BYE":reply(200)
end)

test.case("short numbers are other names", function(t)
  local p = service(t)
  p.alice:register()
  p.bob:invite "10"
  p.alice:expect "INVITE"
end)

test.case("calls that nobody takes go to the voicemail", function(t)
  local p = service(t)
  p.bob:register()
  local call = p.alice:invite "bob"
  p.bob:expect "INVITE":reply(180)
  local message = p.voicemail:expect("INVITE", { within = "21s" })
  message:expect_uri "sip:bob@127.0.0.1:5080":expect_header("Diversion", "reason=no-answer")
  message:reply(200)
  call:expect(200):ack()
end)

test.case("a forwarded user's calls ring elsewhere first", function(t)
  local p = service(t)
  p.carol:register()
  p.alice:register()
  local call = p.bob:invite "carol"
  p.carol:expect "INVITE":reply(486)
  p.alice:expect "INVITE":expect_header("Diversion", "reason=user-busy"):reply(200)
  call:expect(200):ack()
end)

test.case("nobody calls in another's name", function(t)
  local p = service(t)
  p.bob:register()
  p.alice:invite("bob", { from = "<sip:carol@127.0.0.1>" }):expect(403)
  p.bob:expect_nothing()
end)

test.case("strangers may call users, and nobody else", function(t)
  local p = service(t)
  p.bob:register()
  local stranger = t:phone "eve@example.org"
  stranger:invite "bob@127.0.0.1"
  p.bob:expect "INVITE"
  stranger:invite "nobody@127.0.0.1":expect(404)
  stranger:invite "bob@example.net":expect(403)
end)

test.case("a user has four calls at a time", function(t)
  local p = service(t)
  p.bob:register()
  for _ = 1, 4 do
    p.alice:invite "bob"
    p.bob:expect "INVITE"
  end
  p.alice:invite "bob":expect(486)
end)
