-- Users that lead back to this server.
local sip = require "sip"

sip.on_request(function(req)
  local target = req:header("X-Target")
  local user = req.ruri.user
  if user == "self" then
    return req:relay("sip:self@@SERVER@")
  elseif user == "ping" then
    return req:relay("sip:pong@@SERVER@")
  elseif user == "pong" then
    return req:relay("sip:ping@@SERVER@")
  elseif user == "spiral" then
    return req:relay("sip:spiral-back@@SERVER@")
  elseif user == "both" or user == "twice" then
    local res = req:fork({ "sip:both@@SERVER@", "sip:twice@@SERVER@" }, { timeout = "10s" })
    return res:forward()
  elseif user == "pair" then
    local res = req:fork({ target, target .. ";second" }, { timeout = "10s" })
    return res:forward()
  elseif req.method == "REGISTER" then
    return req:save_location { max_contacts = 10 }
  elseif user == "ann" or user == "ben" then
    local res = req:fork(sip.location:lookup(req)[1], { timeout = "10s" })
    return res and res:forward()
  elseif user == "is-it-ours" then
    return req:reply(404, sip.is_local(req.ruri.host) and "It Is" or "It Is Not")
  elseif user == "mapped" then
    return req:relay("sip:mapped@[::ffff:@IP@]:@PORT@")
  elseif user == "any" then
    return req:relay("sip:any@0.0.0.0:@PORT@")
  end
  return req:relay(target)
end)
