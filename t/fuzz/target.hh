#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

/// What libFuzzer calls with each input.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace opensips::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// Ends the run, which saves the input, if a promise was broken.
inline void require(const char* broken_promise) {
  if (!broken_promise) return;
  std::fprintf(stderr, "BROKEN PROMISE: %s\n", broken_promise);
  std::abort();
}

}  // namespace opensips::fuzz
