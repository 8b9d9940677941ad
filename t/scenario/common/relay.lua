-- Sends each request where its X-Target header says: a test without a script of its own needs no more.
local sip = require "sip"

sip.on_request(function(req)
  local target = req:header("X-Target")
  if target then
    return req:relay(target)
  end
  return req:reply(404, "No X-Target")
end)
