-- SIPp's built-in scenarios keep no Route set: their ACK and BYE prove nothing and come to the opt-in handler.
local sip = require "sip"

local function to_callee(req)
  return req:relay("sip:service@@CALLEE@")
end

sip.on_request(to_callee)
sip.on_in_dialog(to_callee)
