#include "perl/interpreters.hh"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/read_file.hh"
#include "perl/apart.hh"

namespace opensips::perl {
namespace {

constexpr std::size_t kMostText = std::size_t{16} << 20;

/// How it went; nothing if it is left to its thread, which has the interpreter then.
std::optional<std::expected<void, std::string>> load(
    const std::shared_ptr<Interpreter>& interpreter, bool only_checked,
    std::chrono::milliseconds limit) {
  const auto loaded = std::make_shared<std::expected<void, std::string>>();
  const bool is_done =
      do_apart([interpreter, only_checked, loaded] { *loaded = interpreter->load(only_checked); },
               [&interpreter] { interpreter->interrupt(); }, limit);
  if (!is_done) return std::nullopt;
  return std::move(*loaded);
}

std::string takes_too_long(const Script& script, std::chrono::milliseconds limit) {
  return fmt::format("{}: its top level did not end within {} ms", script.file, limit.count());
}

}  // namespace

std::expected<std::shared_ptr<Interpreters>, std::string> Interpreters::make(
    const Script& script, unsigned count, std::chrono::milliseconds limit, const Endings& endings) {
  std::shared_ptr<Interpreters> made(new Interpreters(endings));
  for (unsigned i = 0; i < count; ++i) {
    const auto one = std::make_shared<Interpreter>(script);
    auto loaded = load(one, false, limit);
    if (!loaded) return std::unexpected(takes_too_long(script, limit));
    made->all_.push_back(one);
    if (!*loaded) return std::unexpected(std::move(loaded->error()));
  }
  return made;
}

void Interpreters::end(std::span<const unsigned> but) {
  Endings::Gone gone;
  for (unsigned i = 0; i < all_.size(); ++i) {
    if (!all_[i] || std::ranges::find(but, i) != but.end()) continue;
    gone.push_back(std::move(all_[i]));
  }
  Endings::take(*endings_, std::move(gone));
}

std::string Interpreters::check(const Script& script, std::chrono::milliseconds limit) {
  const auto interpreter = std::make_shared<Interpreter>(script);
  const auto checked = load(interpreter, true, limit);
  if (!checked) return takes_too_long(script, limit);
  // What its BEGIN blocks have made ends, too.
  do_apart([interpreter] { interpreter->end(); }, [&interpreter] { interpreter->interrupt(); },
           limit);
  return *checked ? std::string() : checked->error();
}

std::expected<Script, std::string> read_script(const std::string& file) {
  auto text = base::read_file(file, kMostText);
  if (!text) return std::unexpected(fmt::format("{}: {}", file, text.error().reason));
  return Script{.file = file, .text = std::move(*text), .paths = {}};
}

}  // namespace opensips::perl
