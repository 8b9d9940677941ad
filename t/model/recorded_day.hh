#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/model.hh"
#include "script_test/test_case.hh"

namespace opensips::model {

/// What calls are called, and how they go; a script that does something else for each.
inline const std::vector<std::string> kKindsOfCalls{"answered", "busy",   "cancelled", "silent",
                                                    "forked",   "sleepy", "queried",   "asked",
                                                    "named",    "gone",   "kept"};
extern const char* const kScriptOfTheDay;

/// A day on a server whose clock is the test's: mixed calls, which are recorded. Phones are here:
/// they call, ring, answer, refuse, give up and hang up.
class RecordedDay {
 public:
  explicit RecordedDay(unsigned calls);
  ~RecordedDay();

  const std::string& record() const { return record_; }
  /// A configuration beside the recorded one, with another script.
  std::string config_with(const std::string& name, const std::string& script) const;
  const std::string& config() const { return config_; }

 private:
  struct Packet {
    std::string bytes;
    std::uint16_t port = 0;  ///< of the phone that sends it
  };

  void lay_out_answers(const std::string& host);
  void command(const std::string& name, const std::vector<std::string>& arguments);
  void run_until(std::uint64_t time);
  void send(std::uint64_t after, std::string bytes, std::uint16_t port);
  void take();
  void at_callee(const std::string& request, std::uint16_t port);
  void at_caller(const std::string& response);
  Request request_of_caller(const std::string& id) const;

  const std::filesystem::path folder_;
  std::string config_, record_;
  std::unique_ptr<script_test::TestCase> server_;
  std::multimap<std::uint64_t, Packet> air_;
  std::map<std::string, std::string> invites_;  ///< as callees have them, by their branches
};

}  // namespace opensips::model
