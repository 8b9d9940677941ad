#include "script_test/vocabulary.hh"

namespace opensips::script_test {

const std::string_view kMessageWords = R"lua(
local bench, kit = ...

-- Fails the case, with the line of the test that is at work.
function kit.fail(text, ...)
  if select("#", ...) > 0 then text = text:format(...) end
  local level, info = 2, nil
  repeat
    info = debug.getinfo(level, "Sl")
    level = level + 1
  until not info or info.source:sub(1, 1) == "@"
  error({ text = text, where = info and (info.source:sub(2) .. ":" .. info.currentline) }, 0)
end

-- "30s", "500ms", "2m", "1h" or a number of seconds, in milliseconds.
local units = { ms = 1, s = 1000, m = 60000, h = 3600000, d = 86400000 }
function kit.duration(text)
  local number, unit = tostring(text):match "^([%d.]+)(%a*)$"
  local factor = units[unit == "" and "s" or unit]
  if not tonumber(number) or not factor then
    kit.fail("no duration: %s, expected one like 30s, 500ms or 2m", tostring(text))
  end
  return math.floor(tonumber(number) * factor)
end

function kit.sorted(map)
  local names = {}
  for name in pairs(map) do names[#names + 1] = name end
  table.sort(names, function(a, b) return tostring(a) < tostring(b) end)
  return names
end

local Message = {}
Message.__index = Message
kit.Message = Message

local long_forms = { v = "via", f = "from", t = "to", i = "call-id", m = "contact", l = "content-length",
                     c = "content-type", k = "supported", s = "subject", e = "content-encoding", o = "event",
                     r = "refer-to", u = "allow-events" }
local function folded(name)
  name = name:lower()
  return long_forms[name] or name
end

function kit.parse(text)
  local head, body = text:match "^(.-)\r\n\r\n(.*)$"
  local self = setmetatable({ text = text, body = body or "", list = {} }, Message)
  for line in ((head or text) .. "\r\n"):gmatch "(.-)\r\n" do
    local name, value = line:match "^([^:%s]+)%s*:%s*(.-)%s*$"
    if not self.start_line then
      self.start_line = line
    elseif line:match "^[ \t]" and #self.list > 0 then
      local last = self.list[#self.list]
      last.value = last.value .. " " .. line:match "^%s*(.-)%s*$"
    elseif name then
      self.list[#self.list + 1] = { name = name, folded = folded(name), value = value }
    end
  end
  self.code = tonumber(self.start_line:match "^SIP/2%.0 (%d%d%d)")
  self.reason = self.start_line:match "^SIP/2%.0 %d%d%d (.*)$"
  if not self.code then self.method, self.uri = self.start_line:match "^(%S+) (%S+)" end
  self.cseq, self.cseq_method = (self:header "CSeq" or ""):match "^(%d+)%s+(%S+)"
  self.call_id = self:header "Call-ID"
  self.branch = (self:header "Via" or ""):match ";%s*branch=([^;,%s]+)"
  return self
end

-- All values of a header, in their order.
function Message:headers(name)
  local values = {}
  for _, one in ipairs(self.list) do
    if one.folded == folded(name) then values[#values + 1] = one.value end
  end
  return values
end
function Message:header(name) return self:headers(name)[1] end

function Message:tag(name) return (self:header(name) or ""):match ";%s*tag=([^;>%s]+)" end

-- "INVITE sip:bob@example.com", "180 Ringing"
function Message:what()
  return self.code and self.start_line:sub(9) or self.method .. " " .. self.uri
end

function Message:expect_header(name, text)
  local values = self:headers(name)
  for _, value in ipairs(values) do
    if not text or value:find(text, 1, true) then return self end
  end
  if #values == 0 then kit.fail("expected the header %s in %s, there is none", name, self:what()) end
  kit.fail("expected the header %s of %s to have %q, got %q", name, self:what(), text, table.concat(values, ", "))
end
function Message:expect_no_header(name)
  local value = self:header(name)
  if value then kit.fail("expected no header %s in %s, got %q", name, self:what(), value) end
  return self
end
function Message:expect_body(text)
  if self.body:find(text, 1, true) then return self end
  kit.fail("expected the body of %s to have %q, got %q", self:what(), text, self.body)
end
function Message:expect_uri(text)
  if self.uri and self.uri:find(text, 1, true) then return self end
  kit.fail("expected the URI of %s to have %q", self:what(), text)
end

-- What looks at messages: for whatever has a last one.
function kit.look_at_messages(class)
  for _, name in ipairs { "header", "headers", "expect_header", "expect_no_header", "expect_body", "expect_uri" } do
    class[name] = function(self, ...)
      if not self.message then kit.fail("no message has come here yet") end
      local result = self.message[name](self.message, ...)
      return result == self.message and self or result
    end
  end
end

-- URIs of a header's value, or of values with a comma between them.
function kit.uri_of(value) return value:match "<([^>]*)>" or value:match "^%s*([^;,%s]+)" end
function kit.routes_of(values)
  local routes = {}
  for route in table.concat(values, ","):gmatch "<[^>]*>[^,]*" do routes[#routes + 1] = route end
  return routes
end
-- "192.0.2.1:5060" of a URI with such a host.
function kit.place_of(uri)
  local rest = uri:match "^sips?:(.*)$" or uri
  local host, port = rest:gsub("^[^@]*@", ""):match "^(%[[^%]]*%]):?(%d*)"
  if not host then host, port = rest:gsub("^[^@]*@", ""):match "^([^:;?>]+):?(%d*)" end
  return host and host .. ":" .. (port ~= "" and port or "5060")
end

function kit.write(start_line, headers, body)
  local lines = { start_line }
  for _, one in ipairs(headers) do lines[#lines + 1] = one[1] .. ": " .. one[2] end
  lines[#lines + 1] = "Content-Length: " .. #(body or "")
  return table.concat(lines, "\r\n") .. "\r\n\r\n" .. (body or "")
end

-- What a test gives as `headers`: by name, or a list of whole lines.
function kit.add_headers(to, options)
  for _, line in ipairs(options.headers or {}) do
    local name, value = line:match "^([^:]+):%s*(.*)$"
    if not name then kit.fail("no header: %q", line) end
    to[#to + 1] = { name, value }
  end
  for _, name in ipairs(kit.sorted(options.headers or {})) do
    if type(name) == "string" then to[#to + 1] = { name, tostring(options.headers[name]) } end
  end
  if options.body then to[#to + 1] = { "Content-Type", options.content_type or "application/sdp" } end
end

-- The next message of a list that is wanted; time passes for it only `within` what the test says.
function kit.next_of(list, find, wanted, options)
  local within = options and options.within and kit.duration(options.within)
  local until_ms = within and bench.now() + within
  while true do
    local found = find(list)
    if found then return found end
    if not until_ms or not kit.step(until_ms) then break end
  end
  local came = {}
  for _, one in ipairs(list) do came[#came + 1] = (one.message or one):what() end
  kit.fail("expected %s, %s%s", wanted, #came == 0 and "nothing came" or "got " .. table.concat(came, ", "),
           within and " within " .. options.within or "")
end
)lua";

}  // namespace opensips::script_test
