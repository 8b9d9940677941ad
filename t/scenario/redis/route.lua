local sip = require "sip"

local function shown(value)
  if type(value) ~= "table" then return tostring(value) end
  local parts = {}
  for key, one in pairs(value) do parts[#parts + 1] = tostring(key) .. "=" .. shown(one) end
  table.sort(parts)
  return "{" .. table.concat(parts, " ") .. "}"
end

local tests = {
  basics = function(db)
    local said = {}
    local function say(value, err) said[#said + 1] = shown(value) .. (err and ":" .. err or "") end
    say(db:get "none")
    say(db:set("key", "value", { expires = "1h" }))
    say(db:set("key", "other", { only_new = true }))
    say(db:get "key")
    say(db:incr "number")
    say(db:incr("number", 41))
    say(db:expire("number", "1h"))
    say(db:hset("hash", "a", 1))
    say(db:hset("hash", "b b", "x y"))
    say(db:hget("hash", "a"))
    say(db:hgetall "hash")
    say(db:hdel("hash", "a"))
    say(db:hgetall "nothing")
    say(db:del "key")
    say(db:del "key")
    say(db:command("RPUSH", "list", "x", 2, "z"))
    say(db:command("LRANGE", "list", 0, -1))
    say(db:command("MGET", "none", "number"))
    say(db:command("EVAL", "return {1, {2, 'three', {4}}, false}", 0))
    say(db:incr "hash")
    say(db:command("multi"))
    say(db:command("SET", "evil", "a\r\nSET other 1\r\n"))
    say(db:get "other")
    return table.concat(said, "; ")
  end,
  count = function(db, key) return db:incr(key or "count") end,
  get = function(db, key) return db:get(key) end,
  set = function(db, key) return db:set(key, "value of " .. key) end,
}

sip.on_request(function(req)
  if req.method == "INVITE" then return req:relay(req:header "X-Target") end
  local value, err = tests[req.ruri.user](sip.redis "@URL@", req:header "X-Key")
  return req:reply(value and 200 or 503, "said", { headers = { ["X-Said"] = value and shown(value) or err or "nil" } })
end)
