-- Who has an X-Target goes there, all others to the SIPp that answers.
local sip = require "sip"

sip.on_request(function(req)
  return req:relay(req:header("X-Target") or "sip:callee@@CALLEE@")
end)
