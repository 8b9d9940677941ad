local sip = require "sip"

local function spin()
  while true do
  end -- spinning
end

sip.on_request(function(req)
  local target = req:header("X-Target")
  if target then
    return req:relay(target)
  end
  local user = req.ruri.user
  if user == "plain" then
    spin()
  elseif user == "pcall" then
    while true do
      pcall(spin)
    end
  elseif user == "coroutine" then
    coroutine.wrap(spin)()
  elseif user == "sort" then
    while true do
      pcall(table.sort, { 3, 1, 2 }, function() spin() end)
    end
  end
  return req:reply(486)
end)
