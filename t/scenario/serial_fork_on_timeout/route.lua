local sip = require "sip"

sip.on_request(function(req)
  local name = "nobody yet"
  local res = req:fork({ "@A@" }, { timeout = "1s" })
  if res.code >= 300 and not req.cancelled then
    name = "a gave " .. res.code
    res = req:fork({ "@B@" }, { timeout = "20s" })
  end
  sip.log("info", "first " .. name .. ", then b gave " .. res.code)
  return res:forward()
end)
