-- Calls are dealt out among servers by how many each has to set up, and go to another when one fails. Servers are asked
-- with OPTIONS whether they live; one that does not answer gets no calls until it does again.
local sip = require "sip"

local servers = { "127.0.0.1:5071", "127.0.0.1:5072" }
local load, down = sip.shared "load", sip.shared "down"

sip.every("5s", function()
  for _, server in ipairs(servers) do
    sip.spawn(function(address)
      local res = sip.request { method = "OPTIONS", uri = "sip:" .. address, from = "<sip:ping@example.com>",
                                timeout = "2s" }
      if res and res.code ~= 408 and res.code ~= 503 then
        down:remove(address)
      elseif down:set(address, true) then
        sip.log("warn", address .. " does not answer")
      end
    end, server)
  end
end)

-- Those that live, the least busy first.
local function in_order()
  local order, busy = {}, {}
  for _, server in ipairs(servers) do
    if not down:get(server) then
      busy[server] = load:get(server) or 0
      order[#order + 1] = server
    end
  end
  table.sort(order, function(a, b)
    if busy[a] ~= busy[b] then return busy[a] < busy[b] end
    return a < b
  end)
  return order
end

sip.on_request(function(req)
  if req:is_method("OPTIONS") then return req:reply(200) end
  local last
  for _, server in ipairs(in_order()) do
    load:increase(server)
    local res = req:fork({ { uri = tostring(req.ruri), next_hop = "sip:" .. server } }, { timeout = "30s" })
    load:increase(server, -1)
    if req.cancelled then return res and res:forward() end
    -- 408 without an answer and 503 are the server's failure, anything else is the callee's word.
    if res and not (res.code == 503 or (res.code == 408 and res.is_local)) then return res:forward() end
    last = res or last
    sip.log("warn", "call " .. req.call_id .. ": " .. server .. " failed")
  end
  if last then return last:forward() end
  return req:reply(503, "No Server")
end)
