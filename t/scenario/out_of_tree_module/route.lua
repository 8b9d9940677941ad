local sip, scanners = require "sip", require "scanners"

sip.on_request(function(req)
  local asked = req:header("X-Asked")
  if asked then return req:reply(scanners.is_one(asked) and 403 or 200) end
  req:reply(404)
end)
