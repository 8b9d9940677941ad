-- Asks somebody else first, and answers with what that one said.
local sip = require "sip"

sip.on_request(function(req)
  local target = req:header("X-Target")
  if target then
    return req:relay(target)
  end
  local res, err = sip.request {
    method = "MESSAGE",
    uri = req:header("X-Ask"),
    from = "<sip:server@example.com>",
    headers = { ["X-About"] = req.call_id },
    content_type = "text/plain",
    body = "may " .. req.from.user .. " call?",
    user = "alice",
    password = "secret",
    timeout = req:header("X-Timeout") or "20s",
  }
  if not res then
    return sip.log("err", "asked in vain: " .. err)
  end
  local forwarded = res:forward()
  req:reply(res.code, res.reason, { headers = { ["X-Word"] = res:header("X-Word") or "none",
                                                ["X-Forwarded"] = tostring(forwarded),
                                                ["X-Made-Here"] = tostring(res.is_local) } })
end)
