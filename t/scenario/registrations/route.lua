local sip = require "sip"

sip.on_request(function(req)
  if req.method == "REGISTER" then
    return req:save_location {}
  end
  return req:reply(404)
end)
