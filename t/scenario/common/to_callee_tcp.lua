-- Every call goes to one callee, over TCP.
local sip = require "sip"

sip.on_request(function(req)
  return req:relay("sip:callee@@CALLEE@;transport=tcp")
end)
