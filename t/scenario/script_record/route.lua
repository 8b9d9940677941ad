local sip = require "sip"
local auth = require "auth"

sip.on_request(function(req)
  if req.method == "REGISTER" then return req:save_location() end
  local kind, to = req.ruri.user, req:header "X-Target" or "sip:callee@@CALLEE@"
  req:set_header("X-Count", tostring(sip.shared("calls"):increase("all")))
  req:set_header("X-Dice", tostring(sip.random(1, 1000000)))
  if kind == "asleep" then
    sip.sleep "200ms"
  elseif kind == "asked" then
    local answer, why = sip.http.get("@WEB@/asked")
    if not answer then return req:reply(503, why) end
    req:set_header("X-Web", answer.body)
  elseif kind == "queried" then
    local rows, why = sip.sql():query("SELECT domain FROM subscriber WHERE username = ?", "alice")
    if not rows then return req:reply(503, why) end
    req:set_header("X-Domain", rows[1].domain)
  elseif kind == "guarded" then
    local who = auth.require(req, "proxy", { realm = "example.com", password = "secret" })
    req:set_header("X-User", who.username)
  elseif kind == "registered" then
    local groups, why = sip.location:lookup(req)
    if not groups then return req:reply(480, why) end
    return req:relay(groups[1][1])
  elseif kind == "forked" then
    local res = req:fork { to, req:header "X-Second" }
    if res then return res:forward() end
    return
  end
  return req:relay(to)
end)
