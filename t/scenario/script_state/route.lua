-- State that workers share, timers, and functions that run beside a handler.
local sip = require "sip"
local calls = sip.shared "calls"

sip.every("100ms", function()
  calls:increase("ticks")
end)

sip.every("100ms", function()
  calls:set("worker " .. sip.random_id(), true, "1s")
end, { each_worker = true })

local function later(name, value)
  sip.sleep("100ms")
  calls:set(name, value)
end

local actions = {
  count = function(req)
    local count, err = calls:increase("all", 1, { most = tonumber(req:header("X-Most")) })
    return count or err
  end,
  get = function(req) return calls:get(req:header("X-Name")) end,
  workers = function() return #calls:names("worker ") end,
  spawn = function(req)
    sip.spawn(later, "spawned", req:header("X-Name"))
    return "begun"
  end,
  resolve = function(req)
    local list, err = sip.dns.resolve(req:header("X-Name"), req:header("X-Type") or "A")
    return list and sip.write.json(list) or err
  end,
  time = function(req) return sip.in_time(req:header("X-Name"), 1577934000) end,   -- 2020-01-02T03:00:00Z
}

sip.on_request(function(req)
  local said, err = actions[req.ruri.user](req)
  return req:reply(200, "Done", { headers = { ["X-Said"] = tostring(said), ["X-Error"] = err } })
end)
