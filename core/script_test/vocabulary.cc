#include "script_test/vocabulary.hh"

#include <array>

namespace opensips::script_test {

std::span<const VocabularyPart> vocabulary() {
  static const std::array kParts = {
      VocabularyPart{"messages", kMessageWords}, VocabularyPart{"phones", kPhoneWords},
      VocabularyPart{"calls", kCallWords}, VocabularyPart{"cases", kCaseWords}};
  return kParts;
}

}  // namespace opensips::script_test
