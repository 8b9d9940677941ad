---@meta perl
-- Made from the module's table of functions by `make generate`. For editors; the server does not read it.

---@class perl
local perl = {}

---Calls a function of the script in Perl that the parameter `filename` names, on a thread of Perl's, and waits for what it returns in scalar context. The function gets the request (OpenSIPS::Request; undef where there is none) and the arguments: undef for nil, references to hashes and arrays for tables. What it changes of the request has been changed when the call returns. err is what it died of, "busy" if the queue is full or no thread was free for time_limit, or "took longer than time_limit". Waits.
---@param name string
---@param ... any
---@return any?
---@return string? err
function perl.call(name, ...) end

return perl
