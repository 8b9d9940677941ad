// Prints what is made from the tables of functions: `generate manual|stubs` for the core, `generate
// manual|stubs FILE.so` for a module.
#include <cstdio>
#include <iostream>
#include <string_view>

#include "lp_routing/functions/manual.hh"
#include "module/library.hh"
#include "module/module.hh"

namespace {

using namespace opensips;

int usage() {
  std::fputs("usage: generate manual|stubs [FILE.so]\n", stderr);
  return 2;
}

int write_module(std::string_view what, const char* file) {
  const auto descriptor = modules::open_library(file);
  if (!descriptor) {
    std::cerr << descriptor.error() << '\n';
    return 1;
  }
  const auto module = (*descriptor)->make();
  if (what == "manual") {
    routing::write_module_manual(std::cout, **descriptor, *module);
  } else {
    routing::write_module_stubs(std::cout, **descriptor, *module);
  }
  return std::cout.flush() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view what = argc > 1 ? argv[1] : "";
  if ((what != "manual" && what != "stubs") || argc > 3) return usage();
  if (argc == 3) return write_module(what, argv[2]);
  if (what == "manual") {
    routing::write_manual(std::cout);
  } else {
    routing::write_stubs(std::cout);
  }
  return std::cout.flush() ? 0 : 1;
}
