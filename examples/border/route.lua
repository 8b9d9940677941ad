-- A border between customers and carriers: each is known by its addresses, and may call so often and so much; what passes
-- has no headers but those that a call needs. README.md says what a proxy cannot hide.
local sip = require "sip"

local inside, outside = "udp:127.0.0.1:5060", "udp:127.0.0.1:5062"   -- what customers see of us, and what carriers do
local customers = {
  { name = "acme", ranges = { "127.0.0.2" }, address = "127.0.0.2:5071", numbers = "^4930555\\d{3}$",
    calls_per_second = 5, calls = 30 },
}
local carriers = {   -- in the order in which they are tried
  { name = "north", ranges = { "127.0.0.3" }, address = "127.0.0.3:5072", calls_per_second = 10, calls = 60 },
  { name = "south", ranges = { "127.0.0.4" }, address = "127.0.0.4:5073", calls_per_second = 10, calls = 60 },
}

local rates = sip.shared "calls per second"

-- What goes through; the letters are short forms (RFC 3261 7.3.3).
local known = {}
for name in ([[
  via v from f to t call-id i cseq contact m max-forwards route record-route content-type c content-length l
  content-disposition content-encoding e allow supported k require rseq rack session-expires x min-se expires reason
  retry-after privacy p-asserted-identity
]]):gmatch("%S+") do known[name] = true end

local function clean(message)
  for _, name in ipairs(message:header_names()) do
    if not known[name:lower()] then message:remove_header(name) end
  end
end

local function side_of(req, sides)
  for _, side in ipairs(sides) do
    if sip.ip_in(req.source.ip, side.ranges) then return side end
  end
end

-- Both counts are exact over all workers.
local function may_call(req, side)
  if not rates:increase(side.name, 1, { most = side.calls_per_second, expires = "1s" }) then
    req:reply(503, "Too Many Calls A Second", { headers = { ["Retry-After"] = 1 } })
    return
  end
  local dialog = req:create_dialog { lifetime = "4h", show_requests = true }
  if dialog and dialog:set_profile("calls", side.name, { limit = side.calls }) then return dialog end
  req:reply(486, "Too Many Calls")
end

local function to_carriers(req, customer, dialog)
  local caller, best = req.from.user or "", nil
  if not sip.regex.test(caller, customer.numbers) then return req:reply(403, "Not Your Number") end
  req:set_header("P-Asserted-Identity", sip.write.address { uri = "tel:+" .. caller })
  for _, carrier in ipairs(carriers) do
    if dialog:set_profile("calls", carrier.name, { limit = carrier.calls }) then
      local target = { uri = "sip:" .. req.ruri.user .. "@" .. carrier.address, socket = outside }
      local res = req:fork(target, { fr_timeout = "4s" })
      local failed = not res or res.code >= 500 and res.code < 600 or res.is_local
      if not failed or req.cancelled then return res and res:forward() end
      dialog:unset_profile("calls", carrier.name)
      if req.answered then return end
      sip.log("warn", "carrier " .. carrier.name .. " failed: " .. (res or "not reachable"))
      best = res or best
    end
  end
  return best and best:forward() or req:reply(503, "No Carrier")
end

local function to_customer(req)
  for _, customer in ipairs(customers) do
    if sip.regex.test(req.ruri.user or "", customer.numbers) then
      return req:relay { uri = "sip:" .. req.ruri.user .. "@" .. customer.address, socket = inside }
    end
  end
  return req:reply(404, "No Such Number")
end

sip.on_request(function(req)
  local customer, carrier = side_of(req, customers), side_of(req, carriers)
  if not (customer or carrier) then   -- nobody of ours is not even told that there is something
    sip.log("warn", "nobody of ours: " .. req.source)
    return req:drop()
  end
  local good, why = req:check()
  if not good then return req:reply(400, why) end
  if req.method == "OPTIONS" then return req:reply(200) end
  if req.method ~= "INVITE" then return req:reply(405, nil, { headers = { Allow = "INVITE, ACK, BYE, CANCEL" } }) end
  if req.body ~= "" and not req:has_body "application/sdp" then return req:reply(415) end
  local dialog = may_call(req, customer or carrier)
  if not dialog then return end
  clean(req)
  if customer then return to_carriers(req, customer, dialog) end
  req:remove_header "P-Asserted-Identity"   -- what a carrier says of its callers is not for customers
  return to_customer(req)
end)

sip.on_dialog_request(function(req)
  if req.method == "REFER" then return req:reply(405) end   -- who pays for a transferred call?
  clean(req)
end)

sip.on_response(clean)
