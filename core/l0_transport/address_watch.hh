#pragma once

#include <functional>

#include "l0_transport/file_descriptor.hh"
#include "loop/control.hh"

namespace opensips::transport {

/// Tells when the addresses of this machine's interfaces may have changed (rtnetlink). What has
/// changed is for whoever is told to look up: the kernel drops messages when there are many.
/// Control thread.
class AddressWatch {
 public:
  /// Calls `changed` after each change, as long as this lives. Logs it if the kernel does not tell.
  AddressWatch(loop::Control& control, std::function<void()> changed);

 private:
  void on_readable();

  std::function<void()> changed_;
  FileDescriptor fd_;
  loop::Control::Watch watch_;
};

}  // namespace opensips::transport
