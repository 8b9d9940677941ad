local sip = require "sip"

-- What is known of the host of the Request-URI; a call goes to X-Target.
sip.on_request(function(req)
  local target = req:header("X-Target")
  if target then return req:relay(target) end
  local host = req.ruri.host
  local attributes = sip.domain_attributes(host)
  req:reply(sip.is_local(host) and 200 or 404, attributes and "has " .. attributes or "no attributes")
end)
