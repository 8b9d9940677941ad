// Prints what is made from the table of functions: `generate manual` or `generate stubs`.
#include <cstdio>
#include <iostream>
#include <string_view>

#include "lp_routing/functions/manual.hh"

int main(int argc, char** argv) {
  const std::string_view what = argc == 2 ? argv[1] : "";
  if (what == "manual") {
    opensips::routing::write_manual(std::cout);
  } else if (what == "stubs") {
    opensips::routing::write_stubs(std::cout);
  } else {
    std::fputs("usage: generate manual|stubs\n", stderr);
    return 2;
  }
  return std::cout.flush() ? 0 : 1;
}
