-- Asks the web server that the request names, and says what it got.
local sip = require "sip"

sip.on_request(function(req)
  local target = req:header("X-Target")
  if target then return req:relay(target) end
  local options = { timeout = req:header("X-Timeout") or "20s", max_size = 100000, ca_file = "@CA@",
                    headers = { ["X-Caller"] = req.from.user } }
  local answer, err
  if req.body ~= "" then
    options.content_type = req.content_type
    answer, err = sip.http.post(req:header("X-Url"), req.body, options)
  else
    answer, err = sip.http.get(req:header("X-Url"), options)
  end
  if not answer then
    return req:reply(500, "No Answer", { headers = { ["X-Error"] = err } })
  end
  return req:reply(200, "Answered", {
    headers = { ["X-Status"] = answer.status, ["X-Kind"] = answer.headers["content-type"] or "none" },
    content_type = "text/plain",
    body = answer.body,
  })
end)
