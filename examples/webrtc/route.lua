-- Users register and call each other, from browsers and from telephones. A browser cannot be connected to: it is
-- called over the connection that it registered by, and the server sees to that for whatever follows in the call.
local sip = require "sip"

sip.on_request(function(req)
  if not sip.is_local(req.ruri.host) then return req:reply(403, "Relaying Denied") end
  if req.method == "REGISTER" then return req:save_location { max_contacts = 5 } end

  local groups = sip.location:lookup(req)
  if not groups then return req:reply(404, "Not Registered") end
  local res, err = req:fork(groups[1], { timeout = "60s" })   -- rings in all browsers and telephones of the user
  if res then return res:forward() end
  if not req.answered then req:reply(503, err) end
end)
