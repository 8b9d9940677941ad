-- Phones register; who is registered is called, others are where X-Target says, over a connection that is there if
-- X-No-Connect says so.
local sip = require "sip"

sip.on_request(function(req)
  if req.method == "REGISTER" then
    return req:save_location()
  end
  local target = req:header("X-Target")
  if target then
    return req:relay { uri = target, no_connect = req:header("X-No-Connect") == "yes" }
  end
  local groups = sip.location:lookup(req)
  if not groups then
    return req:reply(404)
  end
  local res = req:fork(groups[1], { timeout = "20s" })
  return res:forward()
end)
