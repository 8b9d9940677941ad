-- Every call goes to two targets at once; the caller gets the best of what they say.
local sip = require "sip"

sip.on_request(function(req)
  local res = req:fork({ "@A@", "@B@" }, { timeout = "20s" })
  return res:forward()
end)
