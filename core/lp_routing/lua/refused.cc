#include "lp_routing/lua/refused.hh"

namespace opensips::routing::lua {
namespace {

constexpr const char kBlocks[] = "it would hold up every call of this worker";
constexpr const char kRequire[] = "use require at the top level";

constexpr Refused kFunctions[] = {
    {nullptr, "dofile", kRequire},
    {nullptr, "loadfile", kRequire},
    {nullptr, "module", "let the file return a table"},
    {nullptr, "newproxy", "use setmetatable on a table"},
    {"os", "exit", "return from the handler"},
    {"os", "execute", kBlocks},
    {"os", "remove", kBlocks},
    {"os", "rename", kBlocks},
    {"os", "tmpname", kBlocks},
    {"os", "setlocale", "it would change the whole server"},
    {"string", "dump", "bytecode is not loaded here"},
};

constexpr Refused kLibraries[] = {
    {"io", nullptr, kBlocks},
    {"jit", nullptr, "a compiled loop could not be stopped"},
    {"debug", nullptr, "it would reach behind the server's back"},
};

}  // namespace

std::span<const Refused> refused_functions() {
  return kFunctions;
}

std::span<const Refused> refused_libraries() {
  return kLibraries;
}

}  // namespace opensips::routing::lua
