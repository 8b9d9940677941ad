-- A proxy and registrar; what is not for the registrar goes on to one next hop.
local sip = require "sip"

local speaks = { sip = true, sips = true, tel = true }

local function onwards(req)
  local target = req:header("X-Target")
  if target then return req:relay(target) end
  -- What another scheme means, and that we do not know it, is for the server to say.
  if not speaks[req.ruri.scheme] then return req:relay() end
  return req:relay { uri = tostring(req.ruri), next_hop = "@NEXT@" }
end

sip.on_request(function(req)
  if req.ruri.user == "are-you-there" then return req:reply(200) end
  if req.method == "REGISTER" and sip.is_local(req.ruri.host) then return req:save_location {} end
  return onwards(req)
end)

sip.on_in_dialog(onwards)
