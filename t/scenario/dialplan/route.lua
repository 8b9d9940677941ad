-- Translates what is dialled and sends it to one callee.
local sip = require "sip"
local dialplan = require "dialplan"

sip.on_request(function(req)
  local number, err = dialplan.translate(1, req.ruri.user, { partition = req:header("X-Partition") })
  if not number then return req:reply(404, err) end
  return req:relay("sip:" .. number.output .. "@@CALLEE@")
end)
