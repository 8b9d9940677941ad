-- The routing script of a small telephone service: users prove who they are, register here and call each other.
-- opensips-lua(7) says what there is to use; `opensips -C` checks this file. examples/residential does more.
local sip, auth = require "sip", require "auth"

-- A user is registered in a domain of this server: sip:alice@example.com.
local function is_ours(uri) return sip.is_local(uri.host) end

-- Who uses one of our names has to prove that it is his: asks for the password, and ends here without a good one.
local function authenticate(req, role, address)
  local user = auth.require(req, role)
  if user and user.username == address.user then return user end
  if not req.answered then req:reply(403, "Not Your Name") end
end

local function register(req)
  if not is_ours(req.to) then return req:reply(403, "Not A Domain Of Ours") end
  if authenticate(req, "www", req.to) then req:save_location { max_contacts = 10 } end
end

-- Tries the user's telephones: those with the highest q all at once, then those with the next.
local function call_user(req)
  local groups = sip.location:lookup(req)
  if not groups then return req:reply(404, "Not Registered") end
  local res, err
  for _, targets in ipairs(groups) do
    res, err = req:fork(targets, { timeout = "60s" })
    if req.cancelled then break end
    -- A call that was answered (2xx) is on its way already; a 6xx is meant for all telephones.
    if res and (res.code < 300 or res.code >= 600) then break end
  end
  if res then return res:forward() end
  if not req.answered then req:reply(503, err) end
end

-- Requests that begin something: a call, a registration, a message, a subscription.
sip.on_request(function(req)
  if req.method == "REGISTER" then return register(req) end

  -- Our users may call; others may call our users.
  if is_ours(req.from) then
    if not authenticate(req, "proxy", req.from) then return end
  elseif not is_ours(req.ruri) then
    return req:reply(403, "Relaying Denied")
  end
  if not is_ours(req.ruri) then return req:relay() end   -- another domain: DNS says where it is

  if not req.ruri.user then  -- for the server itself
    if req.method == "OPTIONS" then return req:reply(200) end
    return req:reply(404)
  end
  return call_user(req)
end)

-- Host and port of a contact: "sip:alice@192.0.2.7:5062;ob" is at "192.0.2.7:5062".
local function place_of(contact)
  return ((contact:match("^%a+:([^;?]*)") or ""):gsub("^.*@", ""))
end

-- The registered contact of the user that is at the request's Request-URI.
local function contact_of(user, ruri)
  local place = ruri.port and ruri.host .. ":" .. ruri.port or ruri.host
  for _, targets in ipairs(is_ours(user) and sip.location:lookup(user) or {}) do
    for _, target in ipairs(targets) do
      if place_of(target.uri) == place then return target end
    end
  end
end

-- Requests inside a call whose telephone left out the Route that this server had asked for; the server routes the
-- others by itself. They go on to a registered telephone of the caller or the callee only: else anybody could use
-- the server to reach anywhere.
sip.on_in_dialog(function(req)
  local contact = contact_of(req.to, req.ruri) or contact_of(req.from, req.ruri)
  if contact then return req:relay { uri = tostring(req.ruri), flow = contact.flow } end
  -- Some go on calling the user where a contact is asked for.
  local groups = is_ours(req.ruri) and req.ruri.user and sip.location:lookup(req)
  if groups then return req:relay(groups[1][1]) end
  if req.method ~= "ACK" then return req:reply(481) end
end)
