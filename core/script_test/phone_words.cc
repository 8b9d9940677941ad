#include "script_test/vocabulary.hh"

namespace opensips::script_test {

const std::string_view kPhoneWords = R"lua(
local bench, kit = ...

-- A request that a phone has sent, and the answers that it gets.
local Request = {}
Request.__index = Request
kit.Request = Request
kit.look_at_messages(Request)

local function is_code(message, wanted)
  if type(wanted) == "number" then return message.code == wanted end
  local class = tostring(wanted):match "^(%d)xx$"
  return class and message.code and math.floor(message.code / 100) == tonumber(class)
end

-- The answer with that code ("4xx": of that class). Earlier provisional ones are passed over.
function kit.expect_code(self, replies, wanted, options)
  local function find(list)
    for i, message in ipairs(list) do
      if is_code(message, wanted) then
        for _ = 1, i do table.remove(list, 1) end
        return message
      end
      if message.code >= 200 then return end
    end
  end
  self.message = kit.next_of(replies, find, tostring(wanted), options)
  return self
end

function Request:expect(wanted, options)
  if type(wanted) == "string" and not wanted:match "^%dxx$" then
    kit.fail("expected a code, as 200 or \"4xx\", got %q", wanted)
  end
  return kit.expect_code(self, self.replies, wanted, options)
end

-- Sends it, with a Via of its own, and once more with credentials if it is asked for them.
function Request:send(headers)
  local phone = self.phone
  self.branch = "z9hG4bK" .. kit.number "branch"
  phone.sent[self.branch .. " " .. self.method] = self
  local all = { { "Via", ("SIP/2.0/%s %s;branch=%s;rport"):format(phone.transport:upper(), phone.address, self.branch) } }
  for _, one in ipairs(headers) do all[#all + 1] = one end
  self.headers = headers
  self.via = all[1]
  phone:send(kit.write(("%s %s SIP/2.0"):format(self.method, self.uri), all, self.body), self.target)
  return self
end

local challenges = { [401] = { "WWW-Authenticate", "Authorization" },
                     [407] = { "Proxy-Authenticate", "Proxy-Authorization" } }

-- True: it goes out again, and nobody sees this answer.
function Request:answer_challenge(message)
  local names = challenges[message.code]
  local phone = self.phone
  if not names or not phone.password or self.proven == message.code then return false end
  for _, challenge in ipairs(message:headers(names[1])) do
    local value = bench.digest(challenge, phone.login or phone.name, phone.password, self.method, self.uri,
                               self.body or "", kit.number "cnonce", 1)
    if value then
      self.proven = message.code
      self.cseq = phone:next_cseq(self.call)
      local headers = {}
      for _, one in ipairs(self.headers) do
        headers[#headers + 1] = one[1] == "CSeq" and { "CSeq", self.cseq .. " " .. self.method } or one
      end
      headers[#headers + 1] = { names[2], value }
      self:send(headers)
      return true
    end
  end
  return false
end

function Request:take(message)
  if self.method == "INVITE" and message.code >= 300 then self:acknowledge(message) end
  if self.final then return end
  if message.code >= 200 and self:answer_challenge(message) then return end
  if message.code == 100 then return end
  if message.code >= 200 then self.final = message.code end
  self.replies[#self.replies + 1] = message
  if self.call then self.call:answered(self, message) end
end

-- The ACK for a refusal belongs to the INVITE's transaction (RFC 3261 17.1.1.3).
function Request:acknowledge(message)
  local headers = { self.via }
  for _, one in ipairs(self.headers) do
    if one[1] == "From" or one[1] == "Call-ID" or one[1] == "Max-Forwards" or one[1] == "Route" then
      headers[#headers + 1] = one
    end
  end
  headers[#headers + 1] = { "To", message:header "To" }
  headers[#headers + 1] = { "CSeq", self.cseq .. " ACK" }
  self.phone:send(kit.write(("ACK %s SIP/2.0"):format(self.uri), headers), self.target)
end

-- A phone, or whatever speaks SIP: a gateway, a carrier, another server.
local Phone = {}
Phone.__index = Phone
kit.Phone = Phone

function kit.new_phone(who, options)
  options = options or {}
  local user, host = who:match "^([^@]+)@(.+)$"
  local number = #kit.phones + 1
  local self = setmetatable({
    name = user or who, host = host or kit.default_host(), number = number, case = kit.case,
    password = options.password, login = options.login, transport = options.transport or "udp",
    address = options.address or ("192.0.2.%d:5060"):format(number), queue = {}, calls = {}, sent = {}, got = {}, cseq = 0,
  }, Phone)
  if not self.address:find ":%d+$" then self.address = self.address .. ":5060" end
  self.uri = ("sip:%s@%s"):format(self.name, self.host)
  self.from = options.from or ("<%s>"):format(self.uri)
  local parameter = self.transport == "udp" and "" or ";transport=" .. self.transport
  self.contact = options.contact or ("<sip:%s@%s%s>"):format(self.name, self.address, parameter)
  self.connection = self.transport == "udp" and 0 or number
  self.server = bench.socket(self.transport)
  if not self.server then kit.fail("the configuration has no socket for %s", self.transport) end
  kit.phones[number] = self
  return self
end

function Phone:next_cseq(call)
  local of = call or self
  of.cseq = of.cseq + 1
  return of.cseq
end

-- To the server, or to a phone that a URI names.
function Phone:send(text, uri)
  if self.case ~= kit.case then kit.fail("%s is a phone of another case", self.name) end
  local start_line = text:match "^(.-)\r\n"
  local place = uri and kit.place_of(uri)
  local other = place and place ~= self.server and kit.phone_at(place)
  if other then
    bench.message(self.name, other.name, start_line)
    other:receive(kit.parse(text))
  else
    bench.message(self.name, "opensips", start_line)
    local done, why = bench.receive(text, self.address, self.transport, self.connection)
    if not done then kit.fail("%s cannot send: %s", self.name, why) end
  end
  kit.deliver()
  kit.check()
end

function Phone:full_uri(text)
  if text:find "^%a[%w+.-]*:" and text:find "^sips?:" or text:find "^tel:" then return text end
  return text:find("@", 1, true) and "sip:" .. text or ("sip:%s@%s"):format(text, self.host)
end

-- Any request outside of a call: OPTIONS, MESSAGE, SUBSCRIBE, …
function Phone:request(method, uri, options)
  options = options or {}
  uri = self:full_uri(uri)
  local call_id = options.call_id or kit.number "call"
  local request = setmetatable({ phone = self, method = method, uri = uri, body = options.body, replies = {},
                                 cseq = self:next_cseq() }, Request)
  local headers = {
    { "From", (options.from or self.from) .. ";tag=" .. kit.number "tag" },
    { "To", options.to or ("<%s>"):format(uri) },
    { "Call-ID", call_id },
    { "CSeq", request.cseq .. " " .. method },
    { "Max-Forwards", options.max_forwards or "70" },
    { "Contact", options.contact or self.contact },
  }
  kit.add_headers(headers, options)
  return request:send(headers)
end

-- Registers, and fails the case if the answer is not 200, or what is said to be expected.
function Phone:register(options)
  options = options or {}
  local given = { to = self.from, from = self.from, call_id = "register-" .. self.name .. "-" .. self.number }
  for name, value in pairs(options) do given[name] = value end
  given.headers = {}
  for name, value in pairs(options.headers or {}) do given.headers[name] = value end
  given.headers.Expires = given.headers.Expires or options.expires or 3600
  if options.q then given.contact = (given.contact or self.contact) .. ";q=" .. options.q end
  return self:request("REGISTER", "sip:" .. self.host, given):expect(options.expect or 200)
end
function Phone:unregister() return self:register { expires = 0 } end

-- Messages that come

function Phone:receive(message)
  if message.code then
    local request = self.sent[(message.branch or "") .. " " .. (message.cseq_method or "")]
    if request then request:take(message) end
    return
  end
  local before = message.method ~= "ACK" and self.got[(message.branch or "") .. " " .. message.method]
  if before then  -- the same again: so is the answer
    if before.reply_text then self:send(before.reply_text) end
    return
  end
  local incoming = kit.new_incoming(self, message)
  self.got[(message.branch or "") .. " " .. message.method] = incoming
  for _, call in ipairs(self.calls) do
    if call:owns(message) then return call:receive(incoming) end
  end
  if message.method == "CANCEL" then return incoming:reply(481) end
  if message.method ~= "ACK" then self.queue[#self.queue + 1] = incoming end
end

-- The next request outside of a call. An INVITE is the called side of a call from then on.
function Phone:expect(method, options)
  local function find(list)
    for i, incoming in ipairs(list) do
      if incoming.message.method == method then return table.remove(list, i) end
    end
  end
  local incoming = kit.next_of(self.queue, find, method .. " at " .. self.name, options)
  return incoming.call or incoming
end

function Phone:expect_nothing()
  if #self.queue > 0 then kit.fail("expected nothing at %s, got %s", self.name, self.queue[1].message:what()) end
  return self
end

function kit.phone_at(place, connection)
  for _, phone in ipairs(kit.phones) do
    if connection and connection ~= 0 and phone.connection == connection then return phone end
    if phone.address == place then return phone end
  end
end

local function deliver_sent()
  repeat
    local sent = bench.take()
    for _, one in ipairs(sent) do
      local phone = kit.phone_at(one.peer, one.connection)
      local message = kit.parse(one.bytes)
      bench.message("opensips", phone and phone.name or one.peer, message.start_line)
      if phone then phone:receive(message) end
    end
  until #sent == 0
end

-- What a script begins (sip.spawn) it begins at the next tick of the clock: nobody waits for that.
local tick, most_ticks = 10, 10
local function next_tick()
  local due, now = bench.next_due(), bench.now()
  if not due or due > now + tick then return false end
  bench.advance_to(math.max(due, now + 1))
  return true
end

-- Brings what the server has sent to the phones, and what they send for that.
function kit.deliver()
  if kit.delivering then return end
  kit.delivering = true
  local ok, problem = pcall(function()
    deliver_sent()
    for _ = 1, most_ticks do
      if not next_tick() then break end
      deliver_sent()
    end
  end)
  kit.delivering = false
  if not ok then error(problem, 0) end
end
)lua";

}  // namespace opensips::script_test
