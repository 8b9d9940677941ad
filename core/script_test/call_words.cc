#include "script_test/vocabulary.hh"

namespace opensips::script_test {

const std::string_view kCallWords = R"lua(
local bench, kit = ...

-- One side of a call. The caller's is made by invite(), the callee's when an INVITE comes.
local Call = {}
Call.__index = Call
kit.look_at_messages(Call)

-- A request that has come, to be answered. Of an INVITE it is a part of its call.
local Incoming = {}
Incoming.__index = Incoming
kit.look_at_messages(Incoming)

local function new_call(phone, fields)
  fields.phone, fields.queue, fields.routes = phone, {}, fields.routes or {}
  local call = setmetatable(fields, Call)
  table.insert(phone.calls, call)
  return call
end

function kit.new_incoming(phone, message)
  local incoming = setmetatable({ phone = phone, message = message }, Incoming)
  if message.method ~= "INVITE" or message:tag "To" then return incoming end
  local tag = kit.number "tag"
  incoming.call = new_call(phone, {
    message = message, invited = incoming, call_id = message.call_id, local_tag = tag, remote_tag = message:tag "From",
    from = message:header "To" .. ";tag=" .. tag, to = message:header "From", cseq = 0,
    target = kit.uri_of(message:header "Contact" or message.uri), routes = kit.routes_of(message:headers "Record-Route"),
  })
  return incoming
end

-- What the phone says to it. Options: reason, headers, body, contact.
function Incoming:reply(code, options)
  options = options or {}
  local message, call = self.message, self.call
  local headers = {}
  for _, via in ipairs(message:headers "Via") do headers[#headers + 1] = { "Via", via } end
  for _, route in ipairs(message:headers "Record-Route") do headers[#headers + 1] = { "Record-Route", route } end
  local to = message:header "To"
  if call then to = call.from elseif not message:tag "To" then to = to .. ";tag=" .. kit.number "tag" end
  headers[#headers + 1] = { "From", message:header "From" }
  headers[#headers + 1] = { "To", to }
  headers[#headers + 1] = { "Call-ID", message.call_id }
  headers[#headers + 1] = { "CSeq", message:header "CSeq" }
  headers[#headers + 1] = { "Contact", options.contact or self.phone.contact }
  kit.add_headers(headers, options)
  local reason = options.reason or kit.reasons[code] or "Answer"
  if code >= 200 then self.final = code end
  self.reply_text = kit.write(("SIP/2.0 %d %s"):format(code, reason), headers, options.body)
  self.phone:send(self.reply_text, kit.uri_of("sip:" .. message:headers "Via"[1]:match "^%S+%s+([^;,%s]+)"))
  return self
end

kit.reasons = { [100] = "Trying", [180] = "Ringing", [183] = "Session Progress", [200] = "OK", [202] = "Accepted",
                [301] = "Moved Permanently", [302] = "Moved Temporarily", [400] = "Bad Request", [401] = "Unauthorized",
                [403] = "Forbidden", [404] = "Not Found", [407] = "Proxy Authentication Required",
                [408] = "Request Timeout", [480] = "Temporarily Unavailable", [481] = "Call/Transaction Does Not Exist",
                [486] = "Busy Here", [487] = "Request Terminated", [488] = "Not Acceptable Here",
                [500] = "Server Internal Error", [503] = "Service Unavailable", [600] = "Busy Everywhere",
                [603] = "Decline" }

-- Calls somebody. Options: headers, body, from, to, contact.
function kit.Phone:invite(uri, options)
  options = options or {}
  uri = self:full_uri(uri)
  local tag = kit.number "tag"
  local call = new_call(self, { call_id = options.call_id or kit.number "call", local_tag = tag, is_caller = true,
                                from = (options.from or self.from) .. ";tag=" .. tag,
                                to = options.to or ("<%s>"):format(uri), target = uri, cseq = 0 })
  call.invite = call:request("INVITE", options)
  return call
end

-- A request inside the call, or the INVITE that begins it.
function Call:request(method, options)
  options = options or {}
  local request = setmetatable({ phone = self.phone, call = self, method = method, uri = self.target, body = options.body,
                                 replies = {} }, kit.Request)
  if method == "ACK" then
    request.cseq = self.invite.cseq
  else
    request.cseq = self.phone:next_cseq(self)
  end
  local headers = {
    { "From", self.from }, { "To", self.to }, { "Call-ID", self.call_id }, { "CSeq", request.cseq .. " " .. method },
    { "Max-Forwards", options.max_forwards or "70" }, { "Contact", options.contact or self.phone.contact },
  }
  for _, route in ipairs(self.routes) do headers[#headers + 1] = { "Route", route } end
  kit.add_headers(headers, options)
  local first_hop = self.routes[1] and kit.uri_of(self.routes[1])
  request.target = first_hop or (self.remote_tag and self.target) or nil
  if method == "INVITE" then self.invite = request end
  return request:send(headers)
end

-- An answer to a request of ours: what the other side is now called, and where it is.
function Call:answered(request, message)
  if request.method ~= "INVITE" or message.code >= 300 or not message:tag "To" then return end
  if self.is_caller and (not self.remote_tag or message.code >= 200) then
    self.remote_tag, self.to = message:tag "To", message:header "To"
    local routes = kit.routes_of(message:headers "Record-Route")
    self.routes = {}
    for i = #routes, 1, -1 do self.routes[#self.routes + 1] = routes[i] end
  end
  local contact = message:header "Contact"
  if contact then self.target = kit.uri_of(contact) end
end

function Call:ack(options)
  self:request("ACK", options)
  return self
end
function Call:bye(options) return self:request("BYE", options) end
function Call:reinvite(options) return self:request("INVITE", options) end

-- Gives up: the INVITE's own branch and CSeq (RFC 3261 9.1). The 487 is expected as any answer.
function Call:cancel()
  local invite, phone = self.invite, self.phone
  local request = setmetatable({ phone = phone, method = "CANCEL", uri = invite.uri, replies = {} }, kit.Request)
  local headers = { invite.via }
  for _, one in ipairs(invite.headers) do
    if one[1] == "From" or one[1] == "To" or one[1] == "Call-ID" or one[1] == "Route" then headers[#headers + 1] = one end
  end
  headers[#headers + 1] = { "CSeq", invite.cseq .. " CANCEL" }
  headers[#headers + 1] = { "Max-Forwards", "70" }
  phone.sent[invite.branch .. " CANCEL"] = request
  phone:send(kit.write(("CANCEL %s SIP/2.0"):format(invite.uri), headers), invite.target)
  return self
end

-- A code: the answer to the INVITE. A method: a request of the other side.
function Call:expect(wanted, options)
  if type(wanted) == "number" or wanted:match "^%dxx$" then
    if not self.invite then kit.fail("expected %s, but this side has sent no INVITE", tostring(wanted)) end
    return kit.expect_code(self, self.invite.replies, wanted, options)
  end
  local function find(list)
    for i, incoming in ipairs(list) do
      if incoming.message.method == wanted then return table.remove(list, i) end
    end
  end
  local incoming = kit.next_of(self.queue, find, wanted .. " at " .. self.phone.name, options)
  self.message = incoming.message
  if wanted == "ACK" or wanted == "CANCEL" then return self end  -- nothing is to be answered
  return incoming
end

function Call:expect_nothing()
  if #self.queue > 0 then
    kit.fail("expected nothing at %s, got %s", self.phone.name, self.queue[1].message:what())
  end
  return self
end

-- The answer of the called side.
function Call:reply(code, options)
  if not self.invited then kit.fail("there is no INVITE to reply to, this side is the caller") end
  self.invited:reply(code, options)
  return self
end

function Call:owns(message)
  if message.call_id ~= self.call_id then return false end
  if message.method == "CANCEL" then return self.invited and self.invited.message.branch == message.branch end
  if message.method == "ACK" and self.invited and self.invited.message.branch == message.branch then return true end
  return message:tag "To" == self.local_tag
end

-- The phone's own part: a CANCEL is answered, the ACK for a refusal is nobody's business.
function Call:receive(incoming)
  local method = incoming.message.method
  if method == "ACK" and self.invited and (self.invited.final or 0) >= 300 then return end
  self.queue[#self.queue + 1] = incoming
  if method == "CANCEL" then
    incoming:reply(200)
    if not self.invited.final then self.invited:reply(487) end
  end
end
)lua";

}  // namespace opensips::script_test
