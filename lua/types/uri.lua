---@meta uri
-- Made from the module's table of functions by `make generate`. For editors; the server does not read it.

---@class uri
local uri = {}

---Whether the user, as auth.require gives it, may call itself what stands in From: its own name, or with use_uri_table what the table uri says. nil and "timed out", "unavailable" or the like if the database does not say. Waits.
---@param request request|uri|name_addr
---@param user table
---@return boolean?
---@return string? err
function uri.check_from(request, user) end

---The same of To: in a REGISTER, whose contacts they are. Waits.
---@param request request|uri|name_addr
---@param user table
---@return boolean?
---@return string? err
function uri.check_to(request, user) end

---The same of the Request-URI. Waits.
---@param request request|uri|name_addr
---@param user table
---@return boolean?
---@return string? err
function uri.check_ruri(request, user) end

---Whether there is a user of that name in the table subscriber, with use_domain of that domain, registered or not. Waits.
---@param uri string
---@return boolean?
---@return string? err
function uri.does_exist(uri) end

return uri
