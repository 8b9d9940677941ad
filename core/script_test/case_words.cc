#include "script_test/vocabulary.hh"

namespace opensips::script_test {

const std::string_view kCaseWords = R"lua(
local bench, kit = ...

-- A file of tests

local test = {}
kit.test, kit.cases, kit.file = test, {}, {}

-- What the cases that follow run against: a configuration, or a script alone with lines of one.
function test.config(file)
  kit.file.config, kit.file.text = kit.beside(file), nil
end
function test.script(file, lines)
  kit.file.config = kit.beside "opensips.cfg"
  kit.file.text = ("socket=udp:127.0.0.1:5060\nscript=%q\n%s\n"):format(file, lines or "")
end

-- The time of day at which the cases that follow begin, UTC: "2026-01-05 12:00".
function test.time(text)
  local year, month, day, hour, minute = tostring(text):match "^(%d+)-(%d+)-(%d+) (%d+):(%d+)$"
  if not year then kit.fail("no time: %s, expected one like 2026-01-05 12:00", tostring(text)) end
  -- Days since 1970: years counted from March, so that the leap day is the last one.
  local y, m = tonumber(year), tonumber(month)
  if m <= 2 then y, m = y - 1, m + 12 end
  local days = 365 * y + math.floor(y / 4) - math.floor(y / 100) + math.floor(y / 400) +
               math.floor((153 * (m - 3) + 2) / 5) + day - 1 - 719468
  kit.file.time = ((days * 24) + hour) * 3600 + minute * 60
end
test.time "2026-01-05 12:00"

-- What random numbers come from.
function test.seed(number) kit.file.seed = tonumber(number) end
test.seed(1)

function test.case(name, body)
  if type(name) ~= "string" or type(body) ~= "function" then kit.fail "expected test.case(name, function)" end
  local case = { name = name, body = body }
  for key, value in pairs(kit.file) do case[key] = value end
  kit.cases[#kit.cases + 1] = case
end

-- A file beside that of the test.
function kit.beside(file)
  if file:sub(1, 1) == "/" or kit.directory == "" then return file end
  return kit.directory .. "/" .. file
end

-- A case

local t = {}
t.__index = t

-- Names that are unlike any other of the case, and the same each time.
function kit.number(of)
  kit.numbers[of] = (kit.numbers[of] or 0) + 1
  return of .. "-" .. kit.numbers[of]
end

function kit.default_host()
  for _, transport in ipairs { "udp", "tcp", "tls", "ws", "wss", "sctp" } do
    local address = bench.socket(transport)
    if address then return (address:gsub(":%d+$", "")) end
  end
end

-- The server starts when it is first needed: what is in its tables is there by then.
function kit.need_server()
  if kit.running then return end
  kit.running = true
  local done, why = bench.start(kit.case.config, kit.case.text)
  if not done then kit.fail("the server does not start: %s", why) end
  kit.deliver()
  kit.check()
end

-- What went wrong inside the server is a failure of the step that led to it.
function kit.check()
  if not kit.running then return end
  local problems = bench.problems()
  if #problems > 0 then kit.fail("%s", table.concat(problems, "\n")) end
end

-- To the next timer, but no further than that. False: it is that late.
function kit.step(until_ms)
  local now = bench.now()
  if now >= until_ms then return false end
  local due = bench.next_due()
  bench.advance_to(math.min(math.max(due or until_ms, now + 1), until_ms))
  kit.deliver()
  kit.check()
  return true
end

-- Time passes, and every timer fires in its turn. Nothing else moves the clock but `within`.
function t:advance(duration)
  kit.need_server()
  local until_ms = bench.now() + kit.duration(duration)
  while kit.step(until_ms) do end
end

function t:phone(who, options)
  kit.need_server()
  return kit.new_phone(who, options)
end
-- The same for several: t:phones("alice", "bob")
function t:phones(...)
  local all = {}
  for i, who in ipairs { ... } do all[i] = self:phone(who) end
  return unpack(all)
end

-- What the server's tables have. Before the first phone.
function t:rows(name, ...)
  if kit.running then kit.fail "the server has started already: expected rows before the first phone" end
  for _, row in ipairs { ... } do
    local columns, values = kit.sorted(row), {}
    for i, column in ipairs(columns) do values[i] = row[column] end
    local done, why = bench.insert(name, columns, values)
    if not done then kit.fail("no row of %s: %s", name, why) end
  end
end

-- A subscriber, as opensipsctl adds one.
function t:user(who, password, options)
  local name, domain = who:match "^([^@]+)@(.+)$"
  if not name then kit.fail("no user: %s, expected NAME@DOMAIN", who) end
  local realm = options and options.realm or domain
  self:rows("subscriber", { username = name, domain = domain, ha1 = bench.ha1("MD5", name, realm, password),
                            ha1_sha256 = bench.ha1("SHA-256", name, realm, password),
                            ha1_sha512t256 = bench.ha1("SHA-512-256", name, realm, password) })
end

-- Answers

local Answer = {}
Answer.__index = Answer

local function new_answer(service, pattern, values)
  if type(pattern) ~= "string" then kit.fail("expected what is asked for, got %s", type(pattern)) end
  if values and #values == 0 then values = nil end
  for i, value in ipairs(values or {}) do values[i] = tostring(value) end
  return setmetatable({ service = service, pattern = pattern, number = bench.answer(service, pattern, values) }, Answer)
end

-- '*' stands for anything. Values: those of the statement's `?`; none: whatever they are.
function t:sql(statement, ...) return new_answer("sql", statement, { ... }) end
function t:redis(command, ...) return new_answer("redis", command, { ... }) end
function t:http(method, url) return new_answer("http", method .. " " .. url) end

local returns = {}
function returns.sql(self, rows)
  local columns, list = {}, {}
  local seen = {}
  for _, row in ipairs(rows or {}) do
    for _, name in ipairs(kit.sorted(row)) do
      if not seen[name] then columns[#columns + 1], seen[name] = name, true end
    end
  end
  if #columns == 0 then columns[1] = "none" end  -- rows, though there are none
  for i, row in ipairs(rows or {}) do
    list[i] = {}
    for j, name in ipairs(columns) do list[i][j] = row[name] end
  end
  bench.answer_rows(self.number, columns, list)
end
function returns.redis(self, value) bench.answer_tree(self.number, value) end
function returns.http(self, status, body, headers)
  local names, values = kit.sorted(headers or {}), {}
  for i, name in ipairs(names) do names[i], values[i] = name:lower(), tostring(headers[name]) end
  bench.answer_web(self.number, status, body or "", names, values)
end

function Answer:returns(...)
  returns[self.service](self, ...)
  return self
end
-- Of a statement that writes: how many rows, and the number that the last one was given.
function Answer:changes(count, last_id)
  if self.service ~= "sql" then kit.fail("changes() is of t:sql") end
  bench.answer_changes(self.number, count or 1, last_id or 0)
  return self
end
-- What the script is told instead: "timed out", "unavailable", …
function Answer:fails(why)
  bench.answer_error(self.number, why or "unavailable")
  return self
end
-- Of HTTP: the answer takes so long.
function Answer:after(duration)
  bench.answer_after(self.number, kit.duration(duration))
  return self
end
-- It is used up by the first question.
function Answer:once()
  bench.answer_once(self.number)
  return self
end
-- The questions that it has answered so far: { text, values, body } each.
function Answer:asked() return bench.asked(self.number) end
function Answer:expect_asked(count)
  local times = #self:asked()
  if times ~= (count or 1) then kit.fail("expected %s asked %d times, was %d", self.pattern, count or 1, times) end
  return self
end

-- What name servers know: t:dns("example.com", "192.0.2.9"), t:dns("_sip._udp.example.com", { port = 5060, target = … })
function t:dns(name, ...)
  kit.need_server()
  name = name:lower()
  for _, record in ipairs { ... } do
    if type(record) == "table" then
      bench.dns_service(name, record.priority or 1, record.weight or 1, record.port or 5060, record.target)
    else
      bench.dns_addresses(name, { record })
    end
  end
end
-- They do not answer when they are asked for that name.
function t:dns_fails(name)
  kit.need_server()
  bench.dns_failure(name:lower())
end

-- What has happened

function t:log() return bench.log_lines() end
-- A line of the log has that text.
function t:expect_log(text)
  local lines = bench.log_lines()
  for _, line in ipairs(lines) do
    if line:find(text, 1, true) then return line end
  end
  kit.fail("expected a line of the log with %q, got %s", text,
           #lines == 0 and "none" or "\n  " .. table.concat(lines, "\n  "))
end
function t:statistic(name)
  kit.need_server()
  return bench.statistic(name)
end
-- A command, as opensipsctl gives it; its answer as JSON.
function t:command(name, ...)
  kit.need_server()
  local arguments = {}
  for i, value in ipairs { ... } do arguments[i] = tostring(value) end
  local answer, why = bench.command(name, arguments)
  if not answer then kit.fail("%s: %s", name, why) end
  kit.deliver()
  kit.check()
  return answer
end

function t:check(condition, text) return condition or kit.fail(text or "expected something true") end
function t:equal(got, wanted, what)
  if got ~= wanted then kit.fail("expected %s%s, got %s", what and what .. " " or "", tostring(wanted), tostring(got)) end
end

-- Runs a case: nothing, or what has gone wrong.
function kit.run(number)
  local case = kit.cases[number]
  kit.case, kit.phones, kit.numbers, kit.running, kit.delivering = case, {}, {}, false, false
  bench.begin(case.time, case.seed)
  local function described(problem)
    if type(problem) == "table" then return (problem.where or kit.name) .. ": " .. problem.text end
    return tostring(problem)
  end
  local ok, problem = xpcall(function()
    case.body(setmetatable({}, t))
    kit.check()
  end, described)
  if not ok then return problem end
end
)lua";

}  // namespace opensips::script_test
