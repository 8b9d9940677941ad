#pragma once

#include <expected>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/address.hh"
#include "config/settings.hh"
#include "l0_transport/file_descriptor.hh"
#include "l0_transport/interfaces.hh"
#include "l0_transport/layer.hh"
#include "l0_transport/sockets.hh"

namespace opensips::transport {

/// Opens and closes the sockets that the server listens on: those of the configuration at start,
/// others while it runs, and those for addresses that come and go. Control thread; while the
/// workers run it waits for them, a turn each.
class Listeners {
 public:
  /// Binds a socket of each worker to an address; the error is for the operator.
  using Bind = std::function<std::expected<std::vector<FileDescriptor>, std::string>(
      base::Transport, const base::Address&)>;

  Listeners(Sockets& sockets, Bind bind) : sockets_(sockets), bind_(std::move(bind)) {}

  /// Opens what a line means: one address, or all that a wildcard or an interface stands for, but
  /// for those that are open already. All of them or none; the error is for the operator.
  std::expected<void, std::string> open(const config::Socket& line);
  /// The layer of the next worker takes its share of what was opened so far. Before it runs.
  void join(TransportLayer& layer);
  /// Closes what a line means, as it was opened or one address of it. Returns how many sockets.
  std::size_t close(const config::Socket& line);
  /// The addresses of this machine may have changed: wildcards and interfaces follow.
  void follow();

  /// What an operator wrote, for each open socket.
  struct Opened {
    std::uint16_t place;
    std::string line;
  };
  std::vector<Opened> opened() const;

 private:
  struct Line {
    config::Socket setting;
    std::vector<base::Address> known;   ///< what it stood for when last looked at
    std::vector<std::uint16_t> places;  ///< of its open sockets
  };
  /// Bound at start, for workers that are not there yet.
  struct Bound {
    std::uint16_t place;
    std::vector<FileDescriptor> descriptors;
  };

  std::expected<void, std::string> open_address(Line& line, const base::Address& address);
  void hand_over(std::uint16_t place, std::vector<FileDescriptor> descriptors);
  void close_place(Line& line, std::uint16_t place);
  std::size_t close_line(std::vector<Line>::iterator line);
  std::size_t close_address(base::Transport transport, const base::Address& address);
  void follow(Line& line, const std::vector<base::Address>& now);

  Sockets& sockets_;
  Bind bind_;
  std::vector<TransportLayer*> layers_;
  std::vector<Bound> waiting_;
  std::vector<Line> lines_;
};

}  // namespace opensips::transport
