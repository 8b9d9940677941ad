-- Says in a header which version of the script handled the request before its first wait, and which after it: one
-- is the number of a module, the other the script's own.
package.path = "@LIB@/?.lua;" .. package.path
local sip = require "sip"
local version = require "version"

function number_now()
  return "@VERSION@"
end

sip.on_request(function(req)
  local first = version
  local res = req:fork({ "sip:busy@@BUSY@" })
  if res.code ~= 486 then return res:forward() end
  req:set_header("X-Versions", first .. " " .. number_now())
  return req:relay("sip:callee@@CALLEE@")
end)
