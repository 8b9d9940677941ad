#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "base/address.hh"
#include "l0_transport/name_servers.hh"
#include "loop/timer_wheel.hh"
#include "loop/worker.hh"

namespace opensips::transport {

/// What the operator says about asking.
struct DnsClientOptions {
  std::vector<base::Address> servers;  ///< empty: those of the system (resolv.conf(5))
  std::uint32_t retry_time = 1'000;    ///< ms until the next server is asked, or the same once more
  unsigned retries = 2;
};

/// Asks the name servers of the system, or of the configuration, on the worker's loop (c-ares). An
/// answer that is cut off is asked for again over TCP; one with another id, from another address or
/// to another question is not taken for one.
class DnsClient final : public NameServers {
 public:
  /// Made on the control thread before the worker runs; used and ended on its worker.
  static std::expected<std::unique_ptr<DnsClient>, std::string> make(
      loop::Worker& worker, const DnsClientOptions& options);
  ~DnsClient() override;

  void ask(const DnsQuestion& question, Answered answered) override;

 private:
  struct Channel;
  explicit DnsClient(loop::Worker& worker);
  void watch(int fd, bool readable, bool writable);
  void process(int readable, int writable);
  void sleep();
  void on_timer();

  loop::Worker& worker_;
  std::unique_ptr<Channel> channel_;
  loop::Timer timer_ = loop::Timer::calling<&DnsClient::on_timer>(this);
};

}  // namespace opensips::transport
