-- Every call goes to one callee, over the transport @BY@.
local sip = require "sip"

sip.on_request(function(req)
  return req:relay("sip:callee@@CALLEE@;transport=@BY@")
end)
