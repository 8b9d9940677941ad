-- Phones register; who is registered is called, others are where X-Target says, or else X-Second.
local sip = require "sip"

sip.on_request(function(req)
  if req.method == "REGISTER" then
    return req:save_location()
  end
  local target, second = req:header("X-Target"), req:header("X-Second")
  if target and second then
    local res = req:fork({ target }, { timeout = "30s" })
    if res.code < 300 then
      return res:forward()
    end
    return req:relay(second)
  end
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
