---@meta cachedb_redis
-- Made from the module's table of functions by `make generate`. For editors; the server does not read it.

---@class cachedb_redis
local cachedb_redis = {}

return cachedb_redis
