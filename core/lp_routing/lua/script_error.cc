#include "lp_routing/lua/script_error.hh"

#include <charconv>
#include <optional>

#include <fmt/format.h>

namespace opensips::routing::lua {
namespace {

constexpr std::size_t kMaxFrames = 8;

/// The line with that number, from 1.
std::string_view line_of(std::string_view source, unsigned number) {
  while (--number > 0 && !source.empty()) {
    const auto end = source.find('\n');
    source.remove_prefix(end == std::string_view::npos ? source.size() : end + 1);
  }
  return source.substr(0, source.find_first_of("\r\n"));
}

/// The column of a token as the compiler names it, from 1.
std::optional<std::size_t> column_of(std::string_view line, std::string_view token) {
  if (token == "<eof>") return line.size() + 1;
  const auto at = line.find(token);
  if (token.empty() || at == std::string_view::npos) return std::nullopt;
  if (line.find(token, at + 1) != std::string_view::npos) return std::nullopt;
  return at + 1;
}

bool starts_frame_of_ours(std::string_view frame) {
  return frame.starts_with("opensips:") || frame.starts_with("[C]:") ||
         frame.starts_with("(tail call)");
}

}  // namespace

std::string with_column(std::string_view message, std::string_view path, std::string_view source) {
  // file:line: text; the file's name may hold colons of its own, and stand cut.
  const auto text_at = message.find(": ");
  if (text_at == std::string_view::npos) return fmt::format("{}: {}", path, message);
  const auto file_end = message.rfind(':', text_at - 1);
  unsigned line = 0;
  const char* const digits_end = message.data() + text_at;
  if (file_end == std::string_view::npos ||
      std::from_chars(message.data() + file_end + 1, digits_end, line).ptr != digits_end ||
      line == 0) {
    return fmt::format("{}: {}", path, message);
  }
  const std::string_view text = message.substr(text_at + 2);
  constexpr std::string_view kNear = " near '";
  std::optional<std::size_t> column;
  if (const auto near = text.rfind(kNear); near != std::string_view::npos && text.ends_with('\'')) {
    const auto token_at = near + kNear.size();
    column = column_of(line_of(source, line), text.substr(token_at, text.size() - token_at - 1));
  }
  if (column) return fmt::format("{}:{}:{}: {}", path, line, *column, text);
  return fmt::format("{}:{}: {}", path, line, text);
}

std::string one_line(std::string_view traceback) {
  std::string text;
  std::size_t frames = 0;
  while (!traceback.empty()) {
    const auto end = std::min(traceback.find('\n'), traceback.size());
    std::string_view frame = traceback.substr(0, end);
    traceback.remove_prefix(std::min(end + 1, traceback.size()));
    if (!frame.starts_with('\t')) continue;
    frame.remove_prefix(1);
    if (starts_frame_of_ours(frame)) continue;
    if (frames++ == kMaxFrames) return text + " < …";
    if (!text.empty()) text += " < ";
    const auto colon = frame.find(": ");
    text += frame.substr(0, colon);
    if (colon != std::string_view::npos) text.append(" ").append(frame.substr(colon + 2));
  }
  return text;
}

}  // namespace opensips::routing::lua
