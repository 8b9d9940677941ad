#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/flow.hh"
#include "l0_transport/dns_answer.hh"
#include "lp_routing/witness.hh"
#include "script_test/answers.hh"
#include "script_test/journal.hh"
#include "script_test/network.hh"
#include "script_test/record.hh"
#include "script_test/tables.hh"
#include "storage/value.hh"

namespace opensips::script_test {

/// What a test runs against.
struct Setup {
  std::string config;                        ///< the file
  std::string config_text;                   ///< instead of what is in it, if not empty
  std::vector<std::string> mpath;            ///< where modules are besides
  std::vector<Record::Socket> sockets = {};  ///< instead of those in the file, if not empty
  routing::Witnesses* witnesses = nullptr;   ///< of its calls; outlives the server
};

/// The whole server on a fake clock and without sockets: the configuration, its modules, the
/// layers of one worker and the script are the real ones; below them are a network that only the
/// test sees, and answers that it has laid out. Contacts and dialogs are in memory alone. The clock
/// is the process's (base/clock.hh): one at a time. It belongs to its thread.
class TestServer {
 public:
  /// Starts as a server does: the error is for the operator. The arguments outlive it.
  static std::expected<std::unique_ptr<TestServer>, std::string> make(const Setup& setup,
                                                                      Answers& answers,
                                                                      Tables& tables,
                                                                      Journal& journal);
  ~TestServer();

  /// What name servers say; it is asked when the script or a target needs it. `values`: addresses.
  void add_addresses(const std::string& name, const std::vector<std::string>& values);
  void add_service(const std::string& name, const transport::SrvRecord& service);
  void add_failure(const std::string& name);

  /// What is said of one question alone, from now on.
  void set_answer(const transport::DnsQuestion& question, const transport::DnsAnswer& answer);

  /// A message comes in, and everything is done that follows without time passing.
  void receive(std::string_view bytes, const base::Flow& from);
  /// When a timer is due next, by the clock that is held.
  std::optional<std::uint64_t> next_due();
  /// It is that late now: timers fire, and everything is done that follows.
  void advance_to(std::uint64_t now_ms);
  std::uint64_t now() const;
  /// Everything is done that follows from what others have posted to it.
  void settle();

  /// What has been sent since the last call.
  std::vector<Network::Sent> take();
  /// What has gone wrong since the last call: questions that nothing answers, handlers that failed.
  std::vector<std::string> take_problems();

  /// A socket of that transport, and its address as "192.0.2.1:5060"; nothing if there is none.
  struct Socket {
    std::uint16_t place;
    std::string address;
  };
  std::optional<Socket> socket_of(base::Transport transport) const;
  /// Of the script's files (routing::lua::Loader).
  const std::string& fingerprint() const;
  std::optional<std::uint64_t> statistic(std::string_view name) const;
  /// Carries a command out as opensipsctl does: its answer as JSON, or why not.
  std::expected<std::string, std::string> command(const std::string& name,
                                                  const std::vector<std::string>& arguments);

 private:
  struct Impl;
  explicit TestServer(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace opensips::script_test
