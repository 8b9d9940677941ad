---@meta db_sqlite
-- Made from the module's table of functions by `make generate`. For editors; the server does not read it.

---@class db_sqlite
local db_sqlite = {}

return db_sqlite
