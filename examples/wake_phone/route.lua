-- A phone that sleeps has no contact registered. A call to it wakes it through a push service, and waits until it has
-- registered: its contact is an event. Whoever else listens (evi:subscribe E_MISSED_CALL on the control socket) is told
-- of calls that did not get through.
local sip = require "sip"

local push_service = "http://127.0.0.1:8080/push"
local patience = "20s"

sip.on_event("E_UL_CONTACT_EXPIRE", function(contact)
  sip.log("notice", contact.aor .. " is asleep: " .. contact.uri)
end)

local function missed(req, code)
  sip.raise("E_MISSED_CALL", { from = tostring(req.from.uri), to = tostring(req.to.uri), code = code })
  return req:reply(code)
end

sip.on_request(function(req)
  if req.method == "REGISTER" then return req:save_location() end
  if req.method ~= "INVITE" then return req:reply(405) end

  local groups = sip.location:lookup(req)
  if not groups then
    local aor = req.ruri.user .. "@" .. req.ruri.host:lower()
    sip.spawn(sip.http.post, push_service, aor)          -- nobody waits for the service, only for the phone
    sip.wait("E_UL_CONTACT_INSERT", { aor = aor }, patience)
    if req.cancelled then return end
    groups = sip.location:lookup(req)
    if not groups then return missed(req, 480) end
  end
  local res = req:fork(groups[1], { timeout = "30s" })
  if res and res.code < 300 then return res:forward() end
  return missed(req, res and res.code or 408)
end)
