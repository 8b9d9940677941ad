#pragma once

#include <expected>
#include <functional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace opensips::ctl {

using Json = nlohmann::ordered_json;

/// Why there is no result.
struct Failure {
  enum class Kind { refused, unreachable };  ///< the server said no; it said nothing
  Kind kind = Kind::unreachable;
  std::string message;  ///< one line
};

/// A connection to the control socket of a server: JSON-RPC, a line each way.
class Client {
 public:
  /// `path`: of the socket; empty: the usual places, one after the other.
  static std::expected<Client, Failure> connect(const std::string& path);

  Client(Client&& other) noexcept;
  Client& operator=(Client&&) = delete;
  ~Client();

  /// The result of a command.
  std::expected<Json, Failure> call(const std::string& method, const Json& params);
  /// Its text as it comes, in pieces, however long it is.
  std::expected<void, Failure> call(const std::string& method, const Json& params,
                                    const std::function<void(std::string_view)>& take);

 private:
  explicit Client(int fd) : fd_(fd) {}
  void send(std::string_view text);
  bool receive(std::string& to);

  int fd_;
};

}  // namespace opensips::ctl
