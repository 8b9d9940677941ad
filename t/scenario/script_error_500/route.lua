local sip = require "sip"

local function deeper(req)
  local nothing = req:header("X-Nothing")
  return nothing.field -- the mistake
end

sip.on_request(function(req)
  local target = req:header("X-Target")
  if target then
    return req:relay(target)
  end
  if req.ruri.user == "text" then
    error("said on purpose")
  elseif req.ruri.user == "table" then
    error({ code = 7 })
  elseif req.ruri.user == "misuse" then
    req:reply("not a code")
  elseif req.ruri.user == "late" then
    sip.sleep("50ms")
  end
  local found = deeper(req) -- the way there
  return req:reply(200, found)
end)
