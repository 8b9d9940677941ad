-- Phones register; who is registered is called, others are where X-Target says.
local sip = require "sip"

sip.on_request(function(req)
  if req.method == "REGISTER" then
    return req:save_location()
  end
  local target = req:header("X-Target")
  if target then
    return req:relay(target)
  end
  local groups = sip.location:lookup(req)
  if not groups then
    return req:reply(404)
  end
  local res = req:fork(groups[1], { timeout = "10s" })
  return res:forward()
end)
