---@meta dialplan
-- Made from the module's table of functions by `make generate`. For editors; the server does not read it.

---@class dialplan
local dialplan = {}

---Translates a text, a number most of the time, by the first rule of a dpid that matches it. The result has `output`, what became of it, `attrs`, the rule's attributes (empty if it has none), and `rule`, its id. err is "no rule", "no such dpid", "too long", "too costly" or "rule ID: subst_exp does not match".
---@param dpid integer
---@param input string
---@param options? {partition?: string}
---@return table?
---@return string? err
function dialplan.translate(dpid, input, options) end

return dialplan
