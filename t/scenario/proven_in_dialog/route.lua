-- In-dialog requests that prove themselves never come here: those that do get an answer nobody else gives.
local sip = require "sip"

sip.on_request(function(req)
  if not req.is_initial then
    return req:reply(499, "The script saw it")
  end
  return req:relay(req:header("X-Target"))
end)
