#pragma once

#include <memory>
#include <string>
#include <vector>

#include <lua.hpp>

#include "script_test/test_case.hh"

namespace opensips::script_test {

/// What the vocabulary of tests is made from: the case that runs, and what may be done to it, as
/// functions of Lua.
struct Bench {
  std::vector<std::string> mpath;
  std::unique_ptr<TestCase> current;  ///< none: no case runs
};

/// Pushes a table of the functions; `bench` outlives the state.
void push_bench(lua_State* state, Bench& bench);

}  // namespace opensips::script_test
