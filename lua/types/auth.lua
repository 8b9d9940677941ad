---@meta auth
-- Made from the module's table of functions by `make generate`. For editors; the server does not read it.

---@class auth
local auth = {}

---Goes on only with a request that proves which user it is from. Others are answered, and the handler ends here: 401 (role "www", a server of its users) or 407 ("proxy") with what is asked for, 400 for credentials that cannot be read, 503 when the users cannot be asked. The result says who it is: `username`, `realm`, `aor` ("sip:NAME@REALM"), `algorithm` and `uri`, and in the table `credentials` what load_credentials names. The credentials are taken out of the request. Nil and "cancelled" if the caller has given up meanwhile. Waits.
---@param request request|uri|name_addr
---@param role string
---@param options? {realm?: string, qop?: string, algorithms?: string, password?: string, ha1?: string, stale?: boolean}
---@return table
function auth.require(request, role, options) end

---The same without an answer, and the credentials stay. err is "no credentials", "malformed credentials", "stale nonce", "wrong credentials", "replayed credentials", "too many nonces" or "users are not available". Waits.
---@param request request|uri|name_addr
---@param role string
---@param options? {realm?: string, qop?: string, algorithms?: string, password?: string, ha1?: string, stale?: boolean}
---@return table?
---@return string? err
function auth.check(request, role, options) end

---Asks for credentials: answers 401 or 407.
---@param request request|uri|name_addr
---@param role string
---@param options? {realm?: string, qop?: string, algorithms?: string, password?: string, ha1?: string, stale?: boolean}
---@return true?
---@return string? err
function auth.challenge(request, role, options) end

---What the request says it is from, as `require` gives it, with nothing of it proved.
---@param request request|uri|name_addr
---@param role string
---@param options? {realm?: string, qop?: string, algorithms?: string, password?: string, ha1?: string, stale?: boolean}
---@return table?
---@return string? err
function auth.credentials(request, role, options) end

return auth
