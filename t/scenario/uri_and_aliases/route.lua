local uri, alias = require "uri", require "alias_db"

-- Calls the function that the user of From is named for, and says what it gave.
local functions = {
  from = function(req, user) return uri.check_from(req, user) end,
  to = function(req, user) return uri.check_to(req, user) end,
  ruri = function(req, user) return uri.check_ruri(req, user) end,
  exists = function(req) return uri.does_exist(tostring(req.ruri)) end,
  lookup = function(req) return alias.lookup(req) end,
  anywhere = function(req) return alias.lookup(req, { any_domain = true }) end,
  find = function(req) return alias.find(tostring(req.ruri)) end,
  aliases = function(req) return alias.find_aliases(tostring(req.ruri)) end,
  misuse = function(req) return uri.check_from(req, { name = "alice" }) end,
}

sip.on_request(function(req)
  local ask = functions[req:header("X-Ask")]
  if not ask then return req:reply(200, "alive") end
  local given, err = ask(req, { username = req:header("X-User"), realm = "example.com" })
  if type(given) == "table" then given = table.concat(given, " ") end
  req:reply(200, tostring(given) .. ", " .. (err or tostring(req.ruri)))
end)
