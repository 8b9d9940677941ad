local sip = require "sip"
local told = sip.shared "told"

local function note(event, name)
  local fields = {}
  for field, value in pairs(event) do fields[#fields + 1] = field .. "=" .. tostring(value) end
  table.sort(fields)
  told:set(name .. " last", table.concat(fields, " "))
  told:increase(name)  -- last: who sees it may be on another worker
end

for _, name in ipairs { "E_UL_AOR_INSERT", "E_UL_AOR_DELETE", "E_UL_CONTACT_INSERT", "E_UL_CONTACT_UPDATE",
                        "E_UL_CONTACT_DELETE", "E_UL_CONTACT_EXPIRE", "E_DLG_STATE_CHANGED", "E_PIKE_BLOCKED",
                        "E_CORE_TCP_CONNECT", "E_CORE_TCP_DISCONNECT", "E_CORE_RELOADED", "E_MINE" } do
  sip.on_event(name, note)
end

sip.on_event("E_SLOW", function() sip.sleep("1h") end)

sip.on_request(function(req)
  if req.method == "REGISTER" then return req:save_location() end
  local what = req.ruri.user
  if req.method == "INVITE" and what ~= "wait" then
    req:create_dialog()
    return req:relay(req:header "X-Target")
  elseif what == "told" then
    local name = req:header "X-Name"
    return req:reply(200, "told", { headers = { ["X-Count"] = tostring(told:get(name) or 0),
                                                ["X-Last"] = told:get(name .. " last") or "none" } })
  elseif what == "raise" then
    sip.raise(req:header "X-Name", { who = req:header "X-Who", worker = "any" })
    return req:reply(200)
  elseif what == "storm" then
    for _ = 1, 2000 do sip.raise("E_SLOW") end
    return req:reply(200)
  elseif what == "wait" then
    local event, err = sip.wait("E_MINE", { who = req:header "X-Who" }, req:header "X-Limit")
    if req.cancelled then return told:increase "cancelled" end
    return req:reply(event and 200 or 480, event and "woken by " .. event.who or err)
  end
  return req:reply(404)
end)
