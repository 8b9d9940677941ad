#pragma once

#include <cstddef>
#include <string>

namespace opensips::base {

/// What is wrong with a text that an operator wrote, and at which of its bytes.
struct TextError {
  std::size_t offset = 0;
  std::string message;  ///< "what is wrong, expected what"
};

}  // namespace opensips::base
