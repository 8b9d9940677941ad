#pragma once

#include <span>
#include <string_view>

namespace opensips::script_test {

/// The words of which tests are made, in Lua, in the order in which they are loaded. Each part is
/// called with the functions of the bench and a table that the parts share; the last one fills
/// `kit.test`, which tests know as `require "test"`.
struct VocabularyPart {
  std::string_view name;  ///< as a traceback has it
  std::string_view source;
};
std::span<const VocabularyPart> vocabulary();

extern const std::string_view kMessageWords;  ///< messages: read, written, looked at
extern const std::string_view kPhoneWords;    ///< phones, and requests of theirs
extern const std::string_view kCallWords;     ///< both sides of a call
extern const std::string_view kCaseWords;     ///< cases, time, answers

}  // namespace opensips::script_test
