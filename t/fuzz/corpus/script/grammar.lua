local a, b = 0x1p4, 10LL --[==[ a long
comment ]==]
local t = { 1; x = 2, ["y"] = [[long]], f(), ... }
function t.f.g:h(p, ...) return self, p, select("#", ...) end
for i = 1, 10, 2 do if i > 3 then break elseif not a then goto on else t[i] = -i ^ 2 end ::on:: end
for k, v in pairs(t) do repeat local x = k .. v; until x == "\x41\z
  \065" or x ~= '\'' end
while (#t <= 3 and a) do t:h "s" { 1 } (2).y.z = nil end
return function() return t.f "" end
