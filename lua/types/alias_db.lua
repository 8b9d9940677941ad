---@meta alias_db
-- Made from the module's table of functions by `make generate`. For editors; the server does not read it.

---@class alias_db
local alias_db = {}

---Looks the Request-URI up among the aliases. If it is one, the Request-URI becomes that of its user, and the result is true; false if it is none. nil and "timed out", "unavailable" or the like if the database does not say. Waits.
---@param request request|uri|name_addr
---@param options? {any_domain?: boolean}
---@return boolean?
---@return string? err
function alias_db.lookup(request, options) end

---The URIs of the users that have this alias: one, or several for a group. err is "not found" if nobody has. Waits.
---@param uri string
---@param options? {any_domain?: boolean}
---@return string[]?
---@return string? err
function alias_db.find(uri, options) end

---The aliases that a user has, as URIs. Waits.
---@param uri string
---@return string[]?
---@return string? err
function alias_db.find_aliases(uri) end

return alias_db
