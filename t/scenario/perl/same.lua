local sip = require "sip"

sip.on_request(function(req)
  if req:is_method("OPTIONS") then
    return req:reply(200, "Fine", { headers = { ["X-By"] = "script" }, content_type = "text/plain", body = "here" })
  end
  local user = req.ruri.user
  if user == "silent" then return req:drop() end
  if user ~= "callee" then return req:reply(404, "Nobody", { headers = { ["X-User"] = user } }) end
  local secret = req:header "X-Secret"
  req:remove_header "X-Secret"
  req:add_header("X-Routed", sip.hash.md5(secret))
  local target, second = req:header "X-Target", req:header "X-Second"
  req:remove_header "X-Target"
  req:remove_header "X-Second"
  local res = req:fork { target }
  if res and res.code == 486 and second then
    req:add_header("Diversion", "<sip:callee@example.com>;reason=user-busy")
    return req:relay(second)
  end
end)
