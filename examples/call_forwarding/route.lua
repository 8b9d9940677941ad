-- Users register and call each other. Where a call goes when its callee does not answer, a web service says:
--   GET /forward?user=bob  ->  {"busy": "sip:…", "no_answer": "sip:…", "always": "sip:…"}, 404 for nowhere
-- The caller waits for that no longer than a second: without an answer the call goes its usual way.
local sip = require "sip"

local service = "http://127.0.0.1:8081"
local known = sip.shared "forwarding"

local function rules_of(user)
  local text = known:get(user)
  if not text then
    local answer, err = sip.http.get(service .. "/forward?user=" .. sip.encode.uri(user), { timeout = "1s" })
    if not answer or (answer.status ~= 200 and answer.status ~= 404) then
      sip.log("err", "forwarding of " .. user .. ": " .. (err or answer.status))
      return {}
    end
    text = answer.status == 200 and answer.body or "{}"
    known:set(user, text, "10s")   -- for all workers
  end
  local rules = sip.parse.json(text)
  return type(rules) == "table" and rules or {}
end

local function forward(req, target)
  if not sip.parse.uri(target) then return req:reply(480) end
  req:prepend_header("Diversion", sip.write.address { uri = tostring(req.ruri) })
  return req:relay(target)
end

sip.on_request(function(req)
  if req.method == "REGISTER" then return req:save_location() end
  if req.method ~= "INVITE" then return req:reply(405, nil, { headers = { Allow = "INVITE, ACK, BYE, CANCEL, REGISTER" } }) end

  local rules = rules_of(req.ruri.user or "")
  if req.answered or req.cancelled then return end
  if rules.always then return forward(req, rules.always) end
  local groups = sip.location:lookup(req)
  if not groups then
    if rules.no_answer then return forward(req, rules.no_answer) end
    return req:reply(404, "Not Registered")
  end
  local res = req:fork(groups[1], { timeout = "20s" })
  if req.cancelled or not res or res.code < 300 then return res and res:forward() end
  local target = res.code == 486 and rules.busy or (res.code == 408 or res.code == 480) and rules.no_answer
  if target then return forward(req, target) end
  return res:forward()
end)
