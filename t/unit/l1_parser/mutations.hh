#pragma once

#include <gtest/gtest.h>

#include <iterator>
#include <random>
#include <string>

#include "unit/l1_parser/samples.hh"

namespace opensips::parser::samples {

/// `text` with a few bytes changed, put in, taken out or repeated.
inline std::string mutated(std::string text, std::mt19937& random) {
  constexpr std::string_view kPieces[] = {"\r\n",
                                          "\n",
                                          "\r",
                                          " ",
                                          ":",
                                          "\t",
                                          "Call-ID: z\r\n",
                                          "i:",
                                          ",",
                                          "\r\n ",
                                          ";",
                                          "\r\n\r\n",
                                          "\"",
                                          "Call-ID",
                                          "<",
                                          "\\",
                                          "SIP/2.0",
                                          "I: y\n",
                                          "call-id :\r\n q\r\n"};
  for (auto count = random() % 4 + 1; count > 0; --count) {
    const auto at = random() % (text.size() + 1);
    switch (random() % 5) {
      case 0: text.insert(at, kPieces[random() % std::size(kPieces)]); break;
      case 1: text.erase(at, random() % 8); break;
      case 2: text.insert(at, 1, static_cast<char>(random())); break;
      case 3: text.insert(at, text.substr(random() % text.size(), random() % 60)); break;
      default:
        if (at < text.size()) text[at] = static_cast<char>(random());
    }
    if (text.empty()) text = "x";
  }
  return text;
}

/// Calls `check` with that many mutations of a few messages, the same ones each time, until one
/// fails.
template <class Check>
void for_each_mutation(int rounds, Check check) {
  constexpr unsigned kSeed = 3261;
  std::mt19937 random(kSeed);
  const std::string originals[] = {
      kInvite, kOk, replaced(Request{.more = "Z: a\r\n b\r\n", .body = "x"}.text(), "\r\n", "\n"),
      Request{.call_id = "CALL-ID :\r\n  abc@host \r\n \r\n", .more = "l: 1\r\n", .body = "xy"}
          .text()};
  for (int round = 0; round < rounds; ++round) {
    check(mutated(originals[random() % std::size(originals)], random));
    if (testing::Test::HasFatalFailure()) FAIL() << "in round " << round;
  }
}

}  // namespace opensips::parser::samples
