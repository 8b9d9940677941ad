-- Brings dialled numbers into the form +COUNTRY AREA NUMBER and sends the calls to a gateway.
local sip = require "sip"
local dialplan = require "dialplan"

local gateway = "127.0.0.1:5070"
local dialled_numbers = 1  -- the dpid of the rules that are meant

sip.on_request(function(req)
  if req.method == "OPTIONS" then return req:reply(200) end
  if req.method ~= "INVITE" then return req:reply(405) end

  local dialled = req.ruri.user or ""
  local urgent = dialplan.translate(1, dialled, { partition = "emergency" })
  if urgent then return req:relay("sip:" .. urgent.output .. "@" .. gateway) end

  local number, why = dialplan.translate(dialled_numbers, dialled)
  if not number then
    sip.log("notice", dialled, "cannot be called:", why)
    return req:reply(404, "No Such Number")
  end
  if number.attrs == "barred" then return req:reply(403, "Barred") end

  req.ruri.user = number.output
  return req:relay("sip:" .. number.output .. "@" .. gateway)
end)
