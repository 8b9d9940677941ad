#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/stats.hh"
#include "l0_transport/web_servers.hh"
#include "loop/timer_wheel.hh"
#include "loop/worker.hh"

namespace opensips::transport {

struct HttpOptions {
  std::size_t connections = 256;          ///< of one worker
  std::size_t connections_per_host = 32;  ///< so that a host that is slow does not hold them all
  std::size_t waiting = 200'000;          ///< requests, those on their way too
};

/// Asks web servers on the worker's loop (libcurl's multi interface). Connections are kept open and
/// used again. There are so many and no more: what comes on top waits, with little memory. Belongs
/// to its worker.
class HttpClient final : public WebServers {
 public:
  HttpClient(loop::Worker& worker, const HttpOptions& options);
  /// Who waits for an answer is not told.
  ~HttpClient() override;
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  bool send(HttpRequest request, Done done) override;

 private:
  struct Multi;
  struct Host;
  class Exchange;

  void begin_next(Host& host);
  void begin_waiting();
  void finish(Exchange& exchange, Result result);
  void watch(int fd, bool readable, bool writable);
  void act(int fd, int events);
  void collect();
  void wake_in(long ms);
  void on_timer();

  loop::Worker& worker_;
  HttpOptions options_;
  std::unique_ptr<Multi> multi_;
  std::size_t exchanges_ = 0;
  std::size_t active_ = 0;  // of these, on their way
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  base::Counter sent_, failed_, timed_out_;
  loop::Timer timer_ = loop::Timer::calling<&HttpClient::on_timer>(this);
};

}  // namespace opensips::transport
