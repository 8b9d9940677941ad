local sip = require "sip"

sip.on_request(function(req)
  if req.method == "REGISTER" then return req:save_location() end
  local target = req:header("X-Target")
  if target then return req:relay(target) end
  local groups, err = sip.location:lookup(req)
  if not groups then return req:reply(err == "not found" and 404 or 503) end
  return req:fork(groups[1]):forward()
end)
