-- Says what it knows of a sender by TLS.
local sip = require "sip"

sip.on_request(function(req)
  local target = req:header("X-Target")
  if target then
    return req:relay(target)
  end
  local tls = req.source.tls
  if not tls then
    return req:reply(404, "No TLS")
  end
  local lines = {}
  for name, value in pairs(tls) do
    if type(value) == "table" then
      value = table.concat(value, "|")
    end
    table.insert(lines, name .. "=" .. tostring(value) .. "\n")
  end
  table.sort(lines)
  return req:reply(200, "OK", { body = table.concat(lines), content_type = "text/plain" })
end)
