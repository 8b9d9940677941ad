#include <chrono>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "lp_routing/functions/argument.hh"
#include "lp_routing/functions/groups.hh"
#include "lp_routing/functions/services.hh"

namespace opensips::routing {
namespace {

constexpr std::uint32_t kMostSize = 64U << 20;
constexpr std::chrono::milliseconds kUsualTime{5'000};

struct HttpFields {
  HeaderField method;
  Value::Map headers;
  Line content_type;
  Bytes body;
  std::chrono::milliseconds timeout{kUsualTime};
  std::uint32_t max_size = 1U << 20;
  Line ca_file;
};

}  // namespace

template <>
struct OptionTable<HttpFields> {
  using F = HttpFields;
  static constexpr std::tuple fields{
      Option<F, HeaderField>{"method", &F::method, "another method"},
      Option<F, Value::Map>{"headers", &F::headers, "values by name"},
      Option<F, Line>{"content_type", &F::content_type, "of the body"},
      Option<F, Bytes>{"body", &F::body, "of the request"},
      Option<F, std::chrono::milliseconds>{"timeout", &F::timeout,
                                           "for all of it; 5 s if it is not said"},
      Option<F, std::uint32_t>{"max_size", &F::max_size,
                               "bytes of the answer's body, 1 MiB if it is not said"},
      Option<F, Line>{"ca_file", &F::ca_file,
                      "a file with those who may vouch for the server, in place of the system's"}};
};

namespace {

/// Adds lines for the headers; what is wrong with one, if something is.
std::string add_headers(const Value::Map& headers, std::vector<std::string>& lines) {
  for (const auto& [name, value] : headers) {
    HeaderField field;
    Line line;
    std::string why;
    const bool good =
        Argument<HeaderField>::from(name, field, why) && Argument<Line>::from(value, line, why);
    if (!good) return fmt::format("header '{:.40}': {}", name, why.empty() ? "expected text" : why);
    // libcurl would take "Name:" for "leave it out".
    lines.push_back(line.text.empty() ? fmt::format("{};", name)
                                      : fmt::format("{}: {}", name, line.text));
  }
  return {};
}

Value exchange(Call& call, std::string_view method, Line url, const HttpFields& fields) {
  transport::HttpRequest request;
  if (auto why = add_headers(fields.headers, request.headers); !why.empty()) {
    return Misuse{fmt::format("{}: {}", call.function.full_name(), why)};
  }
  if (fields.max_size > kMostSize) {
    return Misuse{fmt::format("{}: option 'max_size': expected at most {}",
                              call.function.full_name(), kMostSize)};
  }
  if (!fields.content_type.text.empty()) {
    request.headers.push_back(fmt::format("Content-Type: {}", fields.content_type.text));
  }
  request.method = fields.method.text.empty() ? method : fields.method.text;
  request.url = url.text;
  request.body = fields.body.text;
  request.timeout_ms = static_cast<std::uint64_t>(fields.timeout.count());
  request.max_size = fields.max_size;
  request.ca_file = fields.ca_file.text;
  if (!url.text.starts_with("http://") && !url.text.starts_with("https://")) {
    return Problem{"not a URL of http or https"};
  }
  if (call.services->http(*call.run, std::move(request))) return Value::Wait{};
  return Problem{"not a URL, or too many requests wait already"};
}

Value get(Call& call, Line url, std::optional<HttpFields> options) {
  return exchange(call, "GET", url, options.value_or(HttpFields{}));
}

Value post(Call& call, Line url, Bytes body, std::optional<HttpFields> options) {
  HttpFields fields = options.value_or(HttpFields{});
  if (!fields.body.text.empty()) {
    return Misuse{call.function.full_name() + ": the body is argument 2"};
  }
  fields.body = body;
  if (fields.content_type.text.empty()) fields.content_type.text = "application/json";
  return exchange(call, "POST", url, fields);
}

constexpr ObjectKind kHttp = ObjectKind::http;

constexpr Function kRows[] = {
    waiting(function<get>(
        kHttp, "get", "url, options", "http_answer, err", kInHandlers,
        "Asks a web server and waits for the answer: a table with status, headers (by name in "
        "small letters) and body. Whatever the status, it is an answer; err is for what is none: "
        "\"timed out\", \"the answer is too large\", no connection, no name, a certificate that "
        "is not good. Redirections are not followed. Connections are used again; a worker has 32 "
        "to a host at a time, and requests beyond wait for one.")),
    waiting(function<post>(kHttp, "post", "url, body, options", "http_answer, err", kInHandlers,
                           "The same with a body; application/json if content_type says nothing "
                           "else.")),
};

}  // namespace

std::span<const Function> http_functions() {
  return kRows;
}

}  // namespace opensips::routing
