local sip, perl = require "sip", require "perl"

sip.on_request(function(req)
  if req:is_method("OPTIONS") then return req:reply(200) end
  if req.ruri.user == "given" then return perl.call("values_of", { sip.shared("calls") }) end
  local result, err = perl.call(req.ruri.user, { list = { 1, "two", true }, number = 2.5 }, req.from)
  if err == "busy" then return req:reply(503, "Busy") end
  if err then return req:reply(500, "Error", { headers = { ["X-Error"] = err, ["X-Changed"] = req:header "X-New" or "no" } }) end
  return req:reply(480, tostring(result.text), { headers = { ["X-Changed"] = req:header "X-New" or "no" } })
end)
