#include <random>

#include "support.hh"

namespace opensips::config {
namespace {

constexpr std::string_view kSeed = R"(# seed
workers=4 /* comment */ log_level=-1
socket=udp:127.0.0.1:5060 as [2001:db8::1]:5070
alias="example.com"
loadmodule "tm.so"
modparam("tm|rr", "T1_timer", "500ms")
modparam('tm', "fr_timeout", 0x20)
include_file "i.cfg"
import_file "o.cfg"
route[a] { if ("}") { xlog('a'); } # }
}
event_route[E_X] { $x = "\"\\"; }
server_header="Server: \t\"a\\b\""
script='route.lua';
)";

std::string mutate(std::string text, std::mt19937& random) {
  static constexpr std::string_view kSpice = "\"'\\{}[]()=,;#/*\n\r\0:.-|\xff\xc3 \x7f";
  const auto at = [&](std::size_t size) { return static_cast<std::size_t>(random() % (size + 1)); };
  for (unsigned edits = 1 + random() % 8; edits > 0; --edits) {
    const std::size_t place = at(text.size());
    const std::size_t length = at(std::min<std::size_t>(text.size() - place, 20));
    switch (random() % 4) {
      case 0: text.erase(place, length); break;
      case 1: text.insert(place, text.substr(at(text.size()), length)); break;
      case 2: text.insert(place, 1, kSpice[random() % kSpice.size()]); break;
      default:
        if (place < text.size()) text[place] = static_cast<char>(random());
    }
  }
  return text;
}

void expect_sane(const std::string& text) {
  const auto loaded =
      load_files({{"/etc/o/o.cfg", text}, {"/etc/o/i.cfg", text.substr(text.size() / 2)}});
  if (loaded) return;
  EXPECT_GT(loaded.error().count, 0U);
  for (const auto& error : loaded.error().list) {
    EXPECT_FALSE(error.message.empty());
    for (const char c : error.text()) {
      EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) << error.text();
    }
  }
}

TEST(MutationTest, AnyBytesGiveErrorsAndNothingWorse) {
  std::mt19937 random(20240229);
  for (int i = 0; i < 5000; ++i) expect_sane(mutate(std::string(kSeed), random));
}

TEST(MutationTest, EveryBeginningOfAFileIsRead) {
  for (std::size_t i = 0; i <= kSeed.size(); ++i) expect_sane(std::string(kSeed.substr(0, i)));
}

TEST(MutationTest, NoiseIsRead) {
  std::mt19937 random(7);
  for (int i = 0; i < 500; ++i) {
    std::string noise(random() % 300, '\0');
    for (char& c : noise) c = static_cast<char>(random());
    expect_sane(noise);
  }
}

TEST(MutationTest, DeepAndLongFilesAreRead) {
  for (const std::string piece :
       {"route{", "{", "[", "a=", "a=[", "\"", "\\\"\n", "/*", "modparam(", "x y\n", "as as ",
        "modparam(\"tm\",\"T1_timr\",1)\n", "udp:["}) {
    std::string text;
    while (text.size() < 100'000) text += piece;
    expect_sane(text);
  }
}

}  // namespace
}  // namespace opensips::config
