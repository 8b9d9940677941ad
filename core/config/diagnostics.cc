#include "config/diagnostics.hh"

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>

namespace opensips::config {
namespace {

constexpr std::size_t kKept = 1000;   // errors, and as many notices
constexpr std::size_t kQuoted = 48;   // characters of the operator's text in a message
constexpr std::size_t kNameMax = 64;  // longer names resemble nothing

bool before(const Diagnostic& a, const Diagnostic& b) {
  return a.at < b.at;
}

// Edits (insert, delete, replace, swap of neighbours) between two short names.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({replaced, last[j] + 1, row[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
    before_last.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      out += c;
    }
  }
  return out;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

}  // namespace

std::string Diagnostic::text() const {
  const auto name = printable(file);  // an included one's is what the file says
  if (at.line == 0) return fmt::format("{}: {}", name, message);
  return fmt::format("{}:{}:{}: {}", name, at.line, at.column, message);
}

std::string Errors::text(std::size_t limit) const {
  std::string out;
  const std::size_t shown = std::min(limit, list.size());
  for (std::size_t i = 0; i < shown; ++i) out += list[i].text() + '\n';
  if (count > shown) out += fmt::format("… and {} more\n", count - shown);
  return out;
}

unsigned Diagnostics::add_file(std::string name) {
  files_.push_back(std::move(name));
  return static_cast<unsigned>(files_.size() - 1);
}

Diagnostic Diagnostics::make(Position at, std::string message) const {
  return {at, at.file < files_.size() ? files_[at.file] : std::string(), std::move(message)};
}

void Diagnostics::error(Position at, std::string message) {
  ++error_count_;
  if (errors_.size() < kKept) errors_.push_back(make(at, std::move(message)));
}

void Diagnostics::notice(Position at, std::string message) {
  if (notices_.size() < kKept) notices_.push_back(make(at, std::move(message)));
}

Errors Diagnostics::errors() const {
  Errors out{errors_, error_count_};
  std::stable_sort(out.list.begin(), out.list.end(), before);
  return out;
}

std::vector<Diagnostic> Diagnostics::notices() const {
  std::vector<Diagnostic> out = notices_;
  std::stable_sort(out.begin(), out.end(), before);
  return out;
}

std::string shown(std::string_view text) {
  return printable(text);
}

std::string in_quotes(std::string_view text) {
  std::string out = "'";
  const bool cut = text.size() > kQuoted;
  if (cut) text = text.substr(0, kQuoted);
  while (cut && !text.empty() && (static_cast<unsigned char>(text.back()) & 0x80) != 0) {
    text.remove_suffix(1);
  }
  return out + printable(text) + (cut ? "…'" : "'");
}

std::string_view closest(std::string_view name, const std::vector<std::string_view>& candidates) {
  std::string_view best;
  if (name.empty() || name.size() > kNameMax) return best;
  std::size_t best_distance = std::max<std::size_t>(1, name.size() / 3) + 1;
  for (const auto candidate : candidates) {
    const std::size_t d = distance(lower(name), lower(candidate));
    if (d < best_distance) {
      best_distance = d;
      best = candidate;
    }
  }
  return best;
}

}  // namespace opensips::config
