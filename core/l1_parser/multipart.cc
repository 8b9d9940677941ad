#include "l1_parser/multipart.hh"

#include <algorithm>

#include "l1_parser/chars.hh"
#include "l1_parser/header_name.hh"
#include "l1_parser/params.hh"
#include "l1_parser/scanner.hh"

namespace opensips::parser {
namespace {

/// RFC 2046 5.1.1: at most 70 characters, and none that could be taken for a line's end.
bool is_boundary(std::string_view text) {
  return !text.empty() && text.size() <= 70 && text.back() != ' ' &&
         std::ranges::all_of(text, [](char c) { return c >= ' ' && c < 0x7f; });
}

/// Headers and body of what stands between two boundaries.
BodyPart part_of(std::string_view text) {
  BodyPart part;
  HeaderScanner scanner(text, 0);
  HeaderLine line{};
  while (scanner.next(line)) {
    if (!line.bad && same_header(line.name(), "Content-Type")) part.content_type = line.value();
  }
  const auto behind = scanner.complete() ? scanner.offset() : 0;
  part.headers = text.substr(0, behind);
  part.body = text.substr(behind);
  return part;
}

}  // namespace

std::string_view media_type(std::string_view content_type) {
  return chars::trim(content_type.substr(0, content_type.find(';')));
}

std::optional<std::string_view> boundary_of(std::string_view content_type) {
  constexpr std::string_view kMultipart = "multipart/";
  const auto type = media_type(content_type);
  if (!chars::equal_fold(type.substr(0, kMultipart.size()), kMultipart)) return std::nullopt;
  const auto semicolon = content_type.find(';');
  if (semicolon == std::string_view::npos) return std::nullopt;
  const auto param = find_param(content_type.substr(semicolon + 1), "boundary");
  if (!param) return std::nullopt;
  auto text = param->value;
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
    text = text.substr(1, text.size() - 2);
  }
  if (!is_boundary(text)) return std::nullopt;
  return text;
}

PartScanner::PartScanner(std::string_view body, std::string_view boundary)
    : body_(body), boundary_(boundary) {
  const auto first = find_boundary(0);
  over_ = !first || first->last;
  failed_ = !first;
  if (first) at_ = first->end;
}

/// A line that begins with the boundary, at or behind `from`, which is the beginning of a line.
std::optional<PartScanner::Boundary> PartScanner::find_boundary(std::size_t from) const {
  for (auto at = body_.find("--", from); at != std::string_view::npos;
       at = body_.find("--", at + 1)) {
    const bool begins_line = at == from || body_[at - 1] == '\n';
    if (!begins_line || !body_.substr(at + 2).starts_with(boundary_)) continue;
    auto behind = at + 2 + boundary_.size();
    const bool last = body_.substr(behind, 2) == "--";
    if (last) behind += 2;
    while (behind < body_.size() && chars::is_blank(body_[behind])) ++behind;
    const auto rest = body_.substr(behind);
    const std::size_t line_end = rest.starts_with("\r\n") ? 2 : rest.starts_with('\n') ? 1 : 0;
    if (line_end == 0 && !(last && rest.empty())) continue;
    auto begin = at;
    if (begin > from && body_[begin - 1] == '\n') --begin;
    if (begin > from && body_[begin - 1] == '\r') --begin;
    return Boundary{begin, behind + line_end, last};
  }
  return std::nullopt;
}

std::optional<BodyPart> PartScanner::next() {
  if (over_) return std::nullopt;
  const auto end = find_boundary(at_);
  if (!end) {
    over_ = failed_ = true;
    return std::nullopt;
  }
  const auto text = body_.substr(at_, end->begin - at_);
  at_ = end->end;
  over_ = end->last;
  return part_of(text);
}

}  // namespace opensips::parser
