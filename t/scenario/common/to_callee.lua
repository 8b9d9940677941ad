-- Every call goes to one callee; its in-dialog requests prove themselves and do not come here.
local sip = require "sip"

sip.on_request(function(req)
  return req:relay("sip:callee@@CALLEE@")
end)
