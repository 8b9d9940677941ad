local sip = require "sip"

sip.on_request(function(req)
  local target = req:header("X-Target")
  if target then
    return req:relay(target)
  end
  local before = req.call_id
  sip.sleep("2s")
  return req:reply(486, before == req.call_id and "Slept well" or "Woke up elsewhere")
end)
