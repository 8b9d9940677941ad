#pragma once

#include <span>

#include <lua.hpp>

namespace opensips::script_test {

/// The functions of a bench by which a test lays out answers, and asks what was asked. Their first
/// upvalue is the Bench.
std::span<const luaL_Reg> answer_functions();

}  // namespace opensips::script_test
