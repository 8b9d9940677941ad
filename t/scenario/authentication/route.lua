local auth = require "auth"

sip.on_request(function(req)
  if req.method == "REGISTER" then
    local user = auth.require(req, "www")
    return req:save_location { aor = user.aor }
  end
  local user = auth.require(req, "proxy")
  if req.method == "OPTIONS" then return req:reply(200, user.username) end
  req:relay(req:header("X-Target"))
end)
