-- A trunk between a PBX and a carrier: who may send, what numbers look like, what the other side may know.
local sip = require "sip"

local pbx = { address = "127.0.0.1:5071", ranges = { "127.0.0.1" }, numbers = "^\\+4930555\\d{3}$", lines = 30 }
local carrier = { address = "127.0.0.1:5072", ranges = { "127.0.0.1" } }
local trunk = sip.shared "trunk"

local function is_from(side, req)
  return sip.ip_in(req.source.ip, side.ranges) and req.source.port == tonumber(side.address:match(":(%d+)$"))
end

-- "0049…", "049…" and "+49…" become one form.
local function e164(number)
  number = sip.regex.replace(number, "^00", "+")
  return sip.regex.replace(number, "^0", "+49")
end

local function to_carrier(req)
  if not sip.regex.test(req.from.user or "", pbx.numbers) then
    return req:reply(403, "Not Your Number")
  end
  -- As many calls are set up at a time as the trunk has lines; the count is exact over all workers.
  if not trunk:increase("setting up", 1, { most = pbx.lines }) then
    return req:reply(503, "All Lines Busy", { headers = { ["Retry-After"] = 5 } })
  end
  req.ruri.user = e164(req.ruri.user)
  req:remove_header("X-Internal")
  req:set_header("P-Asserted-Identity", sip.write.address { uri = "sip:" .. req.from.user .. "@example.com" })
  local res, err = req:fork({ { uri = "sip:" .. req.ruri.user .. "@" .. carrier.address } }, { timeout = "60s" })
  trunk:increase("setting up", -1)
  if res then return res:forward() end
  if not req.answered then req:reply(503, err) end
end

local function to_pbx(req)
  local number = e164(req.ruri.user or "")
  if not sip.regex.test(number, pbx.numbers) then return req:reply(404, "No Such Number") end
  req:remove_header("P-Asserted-Identity")
  return req:relay("sip:" .. number .. "@" .. pbx.address)
end

sip.on_request(function(req)
  local good, why = req:check()
  if not good then return req:reply(400, why) end
  if req:is_method("OPTIONS") then return req:reply(200) end
  if is_from(pbx, req) then return to_carrier(req) end
  if is_from(carrier, req) then return to_pbx(req) end
  sip.log("warn", "nobody of ours: " .. req.source)
  return req:reply(403, "Who Are You")
end)
