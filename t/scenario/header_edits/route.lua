-- Changes all that a script may change, then relays.
local sip = require "sip"

sip.on_request(function(req)
  local target = req:header("X-Target")
  req:set_header("X-Set", "by the script")
  req:set_header("X-New", "was not there")
  req:add_header("X-Added", "second")
  req.ctx.removed = req:remove_header("X-Secret")
  req:add_header("X-Removed", tostring(req.ctx.removed))
  if req:has_header("X-Body") then
    req.body = "another body, longer than the first"
    req.content_type = "text/x-other"
  end
  if req:has_header("X-Caller") then
    req.from = '"Somebody" <sip:somebody@example.org>'
  end
  if req:has_header("X-Parts") then
    req.ruri = target
    req.ruri.user = "changed"
    return req:relay()
  end
  return req:relay(target)
end)
