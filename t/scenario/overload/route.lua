-- Requests with X-Target are relayed; all others cost a few milliseconds of the processor.
local sip = require "sip"

sip.on_request(function(req)
  local target = req:header("X-Target")
  if target then
    return req:relay(target)
  end
  local stop = os.clock() + 0.003
  while os.clock() < stop do end
  return req:reply(200)
end)
