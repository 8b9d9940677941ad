#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/backend.hh"

namespace opensips {

/// A user as the table of subscribers tells users apart.
struct SubscriberName {
  std::string user;
  std::string domain;

  /// "alice@example.com"; the domain, behind the last '@', in lower case. The error says what was
  /// expected.
  static std::expected<SubscriberName, std::string> parse(std::string_view text);
  std::string text() const { return user + "@" + domain; }
};

/// A password, and what of it is kept.
struct NewPassword {
  std::string text;
  std::string realm;     ///< that it is for; empty: the domain
  bool is_kept = false;  ///< the text itself too, besides the hashes
};

/// The table of subscribers, for `opensipsctl user`: it waits for the database, so it is for a
/// program of its own. Errors are lines for the operator.
class Subscribers {
 public:
  using Result = std::expected<void, std::string>;

  /// The connection outlives it.
  explicit Subscribers(storage::Connection& connection) : connection_(connection) {}

  /// The table is there, and of the version that this server knows.
  Result check();
  Result add(const SubscriberName& name, const NewPassword& password);
  /// The text is kept, too, if that of the old password is.
  Result set_password(const SubscriberName& name, NewPassword password);
  Result remove(const SubscriberName& name);
  /// "alice@example.com" each, by domains; those of one domain if it is not empty.
  std::expected<std::vector<std::string>, std::string> list(std::string_view domain);

 private:
  std::expected<storage::Rows, std::string> run(std::string text,
                                                std::vector<storage::Value> values);

  storage::Connection& connection_;
};

/// What is wrong with a password that is to be kept so; nothing if it is good.
std::optional<std::string> problem_of(const NewPassword& password);

}  // namespace opensips
