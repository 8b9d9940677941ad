#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace opensips::transport {

struct HttpRequest {
  std::string method = "GET";
  std::string url;                   ///< http or https
  std::vector<std::string> headers;  ///< whole lines without their end
  std::string body;
  std::uint64_t timeout_ms = 5'000;  ///< for all of it, waiting for a connection too
  std::size_t max_size = 1 << 20;    ///< bytes of the answer's body
  std::string ca_file;               ///< who may vouch for an https server; empty: the system's
};

struct HttpResponse {
  unsigned status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in small letters
  std::string body;
};

/// Whom a worker asks by HTTP: the network, or a test.
class WebServers {
 public:
  /// The answer, or why there is none.
  using Result = std::expected<HttpResponse, std::string>;
  using Done = std::move_only_function<void(Result)>;

  virtual ~WebServers() = default;
  /// `done` is called once, in a later turn and within the request's time. False, and it is not
  /// called, when too much waits already or the URL is none.
  virtual bool send(HttpRequest request, Done done) = 0;
};

}  // namespace opensips::transport
