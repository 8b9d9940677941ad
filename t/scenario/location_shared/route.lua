local sip = require "sip"

sip.on_request(function(req)
  if req.method == "REGISTER" then return req:save_location() end
  local target = req:header("X-Target")
  if target then return req:relay(target) end
  local groups, err = sip.location:lookup(req)
  if groups then return req:fork(groups[1]):forward() end
  if err == "not found" then return req:reply(404) end
  return req:reply(503, nil, { headers = { ["Retry-After"] = 2 } })
end)
