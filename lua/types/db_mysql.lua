---@meta db_mysql
-- Made from the module's table of functions by `make generate`. For editors; the server does not read it.

---@class db_mysql
local db_mysql = {}

return db_mysql
