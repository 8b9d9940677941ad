-- A residential service: registrations, calls with several telephones each, numbers, forwarding, voicemail.
local sip, auth = require "sip", require "auth"
local uri, alias = require "uri", require "alias_db"

local voicemail = "127.0.0.1:5080"   -- takes messages for sip:NAME@ it, and plays them to who dials *98
local ring_time = "20s"              -- so long the telephones of a user ring
local max_calls = 4                  -- of a user at a time

-- Where the calls go that a user's telephones do not take; everybody else's go to the voicemail.
local forwards = {
  ["carol@127.0.0.1"] = "alice",
}

local function is_ours(party) return sip.is_local(party.host) end

-- Who uses one of our names proves that it is his: who does not is answered here.
local function prove(req, role, check)
  local user = auth.require(req, role)
  if not user then return end                        -- the caller has given up
  local may, err = check(req, user)
  if may then return user end
  if not req.answered then req:reply(err and 503 or 403) end
end

local function register(req)
  if not is_ours(req.to) then return req:reply(403, "Not A Domain Of Ours") end
  if prove(req, "www", uri.check_to) then req:save_location() end
end

-- Rings the telephones of the user in the Request-URI: those with the highest q together, then those with the next.
-- The best answer; nil if there is none, since nobody is registered or can be reached.
local function ring(req)
  local best
  for _, telephones in ipairs(sip.location:lookup(req) or {}) do
    local res = req:fork(telephones, { timeout = ring_time })
    best = res or best
    if req.cancelled or (res and (res.code < 300 or res.code >= 600)) then break end
  end
  return best
end

-- An answered call is on its way already; a 6xx is the user's word for all telephones.
local function is_settled(req, res)
  return req.cancelled or (res and (res.code < 300 or res.code >= 600))
end

local function note_diversion(req, from, res)
  local reason = res and (res.code == 486 and "user-busy" or "no-answer") or "unavailable"
  req:prepend_header("Diversion", sip.write.address { uri = from, params = { reason = reason } })
end

-- A call that the telephones did not take: to another user of the domain once, then to the voicemail.
local function call_elsewhere(req, res)
  local called, name, host = tostring(req.ruri), req.ruri.user, req.ruri.host
  local other = forwards[name .. "@" .. host]
  if other then
    note_diversion(req, called, res)
    req.ruri = "sip:" .. other .. "@" .. host
    res = ring(req)
    if is_settled(req, res) then return res and res:forward() end
  end
  note_diversion(req, called, res)
  return req:relay("sip:" .. name .. "@" .. voicemail)
end

local function call_user(req)
  local known, err = uri.does_exist(tostring(req.ruri))
  if err then return not req.answered and req:reply(503, err) end
  if not known then return req:reply(404) end
  local res = ring(req)
  if is_settled(req, res) then return res and res:forward() end
  if req.method == "INVITE" then return call_elsewhere(req, res) end
  if res then return res:forward() end
  req:reply(480)
end

-- So many calls of a user at a time, counted exactly over all workers.
local function is_allowed_one_more(req, user)
  local dialog = req:create_dialog { lifetime = "4h" }
  if not dialog or dialog:set_profile("calls", user.aor, { limit = max_calls }) then return true end
  req:reply(486, "Too Many Calls")
end

sip.on_request(function(req)
  if req.method == "REGISTER" then return register(req) end

  -- Our users may call; others may call our users.
  local user
  if is_ours(req.from) then
    user = prove(req, "proxy", uri.check_from)
    if not user then return end
  elseif not is_ours(req.ruri) then
    return req:reply(403, "Relaying Denied")
  end

  if not req.ruri.user then  -- for the server itself
    return req:reply(req.method == "OPTIONS" and 200 or 404)
  end
  if req.method == "INVITE" and user and not is_allowed_one_more(req, user) then return end
  if not is_ours(req.ruri) then return req:relay() end   -- another domain: DNS says where it is
  if user and req.ruri.user == "*98" then return req:relay("sip:" .. user.username .. "@" .. voicemail) end

  local _, err = alias.lookup(req)                       -- a number becomes its user
  if err then return not req.answered and req:reply(503, err) end
  return call_user(req)
end)
