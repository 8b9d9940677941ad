// opensips.cfg, and behind a NUL what its include_file and import_file read.

#include <algorithm>
#include <string>

#include "config/load.hh"
#include "fuzz/target.hh"

namespace opensips::config {
namespace {

bool is_printable(const std::string& text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7f;
  });
}

/// All that is wrong is said, in lines that a terminal can show.
const char* promise(const std::expected<Settings, Errors>& loaded) {
  if (loaded) return nullptr;
  const auto& errors = loaded.error();
  if (errors.list.empty() || errors.count < errors.list.size()) return "errors are counted";
  for (const auto& error : errors.list) {
    if (error.message.empty()) return "an error says what is wrong";
    if (!is_printable(error.text())) return "an error is one printable line";
  }
  return nullptr;
}

}  // namespace
}  // namespace opensips::config

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace config = opensips::config;
  const auto text = opensips::fuzz::text_of(data, size);
  const auto main_text = text.substr(0, text.find('\0'));
  const auto included = text.substr(std::min(main_text.size() + 1, text.size()));
  const config::Reader reader =
      [&](const std::string& path) -> std::expected<std::string, config::ReadError> {
    if (path == "/etc/o/o.cfg") return std::string(main_text);
    if (path.ends_with('x')) return std::unexpected(config::ReadError{true, "No such file"});
    return std::string(included);
  };
  opensips::fuzz::require(config::promise(config::load("/etc/o/o.cfg", reader)));
  return 0;
}
