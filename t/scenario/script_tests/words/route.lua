-- Does what the Request-URI's user says.
local sip = require "sip"

local actions = {}

function actions.sql(req)
  local db = sip.sql "mysql://user:secret@db.example.com/calls"
  local rows, why = db:query("SELECT target, note\n  FROM routes WHERE name = ?", req.from.user)
  if not rows then return req:reply(503, why) end
  if not rows[1] then return req:reply(404) end
  local done = db:query("UPDATE routes SET used = used + 1 WHERE target = ?", rows[1].target)
  req:reply(200, nil, { headers = { ["X-Target"] = rows[1].target, ["X-Note"] = rows[1].note or "none",
                                    ["X-Changed"] = tostring(done.affected), ["X-Id"] = tostring(done.last_id) } })
end

function actions.redis(req)
  local redis = sip.redis "redis://127.0.0.1/0"
  local list = redis:command("LRANGE", "queue", 0, -1)
  local text, why = redis:get("key of " .. req.from.user)
  if why then return req:reply(503, why) end
  req:reply(200, nil, { headers = { ["X-List"] = table.concat(list, "+"), ["X-Text"] = text or "none" } })
end

function actions.away(req) return req:relay "sip:carol@example.org" end
function actions.token(req) return req:reply(200, sip.random_id(12)) end
function actions.date(req) return req:reply(sip.in_time "20260704T100000|20260704T110000" and 200 or 404) end
function actions.memory(req) return req:reply(200, nil, { headers = { ["X-Count"] = sip.shared "count":increase "calls" } }) end
function actions.agent(req) return req:relay "sip:agent@192.0.2.2" end
function actions.statement(req)
  local rows, why = sip.sql():query("SELECT username FROM subscriber WHERE domain = ? ORDER BY username", "example.com")
  req:reply(rows and 200 or 500, why, { headers = { ["X-Users"] = rows and rows[1].username .. rows[2].username or "" } })
end

sip.on_request(function(req) return actions[req.ruri.user](req) end)
