-- Tells what it sees, in headers of the answer.
local sip = require "sip"

local function text(value)
  return tostring(value)
end

sip.on_request(function(req)
  local contact = req.contact
  return req:reply(200, "Seen", {
    headers = {
      ["X-Method"] = req.method,
      ["X-Request"] = text(req),
      ["X-Ruri"] = { text(req.ruri), text(req.ruri.scheme), text(req.ruri.user), text(req.ruri.host), text(req.ruri.port) },
      ["X-Transport"] = text(req.ruri.params and req.ruri.params.transport),
      ["X-From"] = { text(req.from.user), text(req.from.host), text(req.from.display), text(req.from.tag) },
      ["X-To"] = { text(req.to.uri), text(req.to.tag) },
      ["X-Call"] = { req.call_id, text(req.cseq), text(req.max_forwards) },
      ["X-Source"] = { req.source.ip, text(req.source.port), req.source.transport, req.source.socket },
      ["X-Contact"] = { text(contact and contact.uri), text(#req.contacts) },
      ["X-Headers"] = { text(req:header("X-Many", 2)), text(#req:headers("x-many")), text(req:header("X-None")),
        text(req:has_header("X-Many")) },
      ["X-Body"] = { req.body, text(req.content_type) },
      ["X-Initial"] = { text(req.is_initial), text(req.answered), text(req.cancelled) },
      ["X-Local"] = { text(sip.is_local("@IP@")), text(sip.is_local("192.0.2.99")) },
    },
  })
end)
