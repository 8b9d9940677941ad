-- Calls go by the carrier that is cheapest for their number, and by the next one if it cannot take them. Prices are in a
-- database: each carrier's for a number is that of its longest prefix.
local sip = require "sip"

local database = "sqlite:///var/lib/opensips/rates.db"
local customers = { "127.0.0.0/8" }   -- who may call: ranges of addresses
local silence = "4s"                  -- a carrier that says nothing for so long has failed
local pause = "30s"                   -- so long a carrier that has failed is tried last

local failed = sip.shared "failed carriers"

local function set_of(...)
  local set = {}
  for _, value in ipairs { ... } do set[value] = true end
  return set
end

-- What is about the number or who is called is the same by any carrier: the cause says so (Q.850), or else the code.
local final_causes = set_of(1, 16, 17, 18, 19, 20, 21, 22, 28)
local carrier_codes = set_of(401, 402, 403, 407, 408, 429)

local function cause_of(res)
  for _, reason in ipairs(res:values "Reason") do
    local cause = reason:lower():match "^q%.850%s*;.-cause%s*=%s*(%d+)"
    if cause then return tonumber(cause) end
  end
end

local function is_settled(res)
  local cause = cause_of(res)
  if res.code >= 600 then return true end
  if cause then return final_causes[cause] end
  return res.code < 500 and not carrier_codes[res.code]
end

-- {carrier, host, price}, the cheapest first, those that have failed behind all others.
local function routes_of(number)
  local prefixes = {}
  for length = 1, #number do prefixes[length] = number:sub(1, length) end
  local rows, err = sip.sql(database):query(
    "SELECT carrier, host, price, prefix FROM rates WHERE prefix IN (?" .. (", ?"):rep(#number - 1) .. ")", unpack(prefixes))
  if not rows then return nil, err end
  local longest, routes = {}, {}
  for _, row in ipairs(rows) do
    local known = longest[row.carrier]
    if not known or #row.prefix > #known.prefix then longest[row.carrier] = row end
  end
  for carrier, row in pairs(longest) do
    routes[#routes + 1] = { carrier = carrier, host = row.host, price = tonumber(row.price), late = failed:get(carrier) and 1 or 0 }
  end
  table.sort(routes, function(a, b)
    if a.late ~= b.late then return a.late < b.late end
    if a.price ~= b.price then return a.price < b.price end
    return a.carrier < b.carrier
  end)
  return routes
end

local function call(req, number, routes)
  local best, rings
  req.on_response = function(res) rings = rings or (res.code >= 180 and res.code < 200) end
  for _, route in ipairs(routes) do
    local res, err = req:fork({ { uri = "sip:+" .. number .. "@" .. route.host } }, { fr_timeout = silence })
    best = res or best
    -- It has rung there: whatever comes of it is the callee's doing.
    if req.cancelled or rings or (res and (res.code < 300 or is_settled(res))) then break end
    sip.log("warn", string.format("call %s: %s failed: %s", req.call_id, route.carrier, res or err))
    failed:set(route.carrier, true, pause)
  end
  if best then return best:forward() end
  if not req.answered then return req:reply(503, "No Carrier") end
end

sip.on_request(function(req)
  if req.method == "OPTIONS" then return req:reply(200) end
  if not sip.ip_in(req.source.ip, customers) then return req:reply(403) end
  if req.method ~= "INVITE" then return req:reply(405, nil, { headers = { Allow = "INVITE, ACK, BYE, CANCEL, OPTIONS" } }) end
  local number = (req.ruri.user or ""):match "^%+?(%d+)$"
  if not number or #number > 15 then return req:reply(484) end   -- E.164 has no longer ones
  local routes, err = routes_of(number)
  if req.answered or req.cancelled then return end
  if not routes then
    sip.log("err", "rates: " .. err)
    return req:reply(503, "No Rates", { headers = { ["Retry-After"] = 5 } })
  end
  if #routes == 0 then return req:reply(404, "No Route") end
  return call(req, number, routes)
end)
