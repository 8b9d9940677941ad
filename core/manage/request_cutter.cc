#include "manage/request_cutter.hh"

#include <algorithm>

#include "manage/rpc.hh"

namespace opensips::manage {

namespace {

constexpr std::string_view kWhiteSpace = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kWhiteSpace), text.size()));
  return text.substr(0, text.find_last_not_of(kWhiteSpace) + 1);
}

}  // namespace

void RequestCutter::feed(std::string_view bytes) {
  if (skipping_) {
    const auto end = bytes.find('\n');
    if (end == std::string_view::npos) return;
    skipping_ = false;
    bytes.remove_prefix(end + 1);
  }
  // What was cut goes first, so that the buffer holds the rest of a request and one reading.
  buffer_.erase(0, begin_);
  at_ -= begin_;
  begin_ = 0;
  buffer_ += bytes;
}

bool RequestCutter::find_end() {
  for (; at_ < buffer_.size(); ++at_) {
    const char c = buffer_[at_];
    if (c == '\n') return true;
    if (in_string_) {
      if (c == '"' && !escaped_) in_string_ = false;
      escaped_ = c == '\\' && !escaped_;
    } else if (c == '"') {
      in_string_ = true;
    } else if (c == '{' || c == '[') {
      ++depth_;
    } else if ((c == '}' || c == ']') && depth_ > 0 && --depth_ == 0) {
      return true;
    }
  }
  return finished_ && begin_ < at_;
}

std::string RequestCutter::cut() {
  at_ = std::min(at_ + 1, buffer_.size());
  std::string request(trimmed(std::string_view(buffer_).substr(begin_, at_ - begin_)));
  begin_ = at_;
  depth_ = 0;
  in_string_ = escaped_ = false;
  return request;
}

std::optional<std::string> RequestCutter::next() {
  while (!is_too_long() && find_end()) {
    auto request = cut();
    if (!request.empty()) return request;
  }
  return std::nullopt;
}

bool RequestCutter::is_too_long() const {
  return at_ - begin_ > kMaxRequest;
}

void RequestCutter::skip_line() {
  const auto end = buffer_.find('\n', at_);
  skipping_ = end == std::string::npos;
  begin_ = at_ = skipping_ ? buffer_.size() : end + 1;
  depth_ = 0;
  in_string_ = escaped_ = false;
}

}  // namespace opensips::manage
