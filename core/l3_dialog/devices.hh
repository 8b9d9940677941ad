#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>

#include "base/flow.hh"
#include "l1_parser/uri.hh"

namespace opensips::dialog {

/// Where a device is now that a GRUU names (RFC 5627).
struct DeviceAt {
  std::string uri;                      ///< of its contact: the next Request-URI
  std::string path = {};                ///< Route headers for it, or empty
  std::optional<base::Flow> flow = {};  ///< to use in place of what those say
  bool no_connect = false;              ///< over a connection that is there, or not at all
};

/// Who knows where devices are: location, which is above the layer that asks. One worker.
class Devices {
 public:
  /// The error is a status code: 480 for one that is not registered, 503 if nobody knows now.
  using Found = std::move_only_function<void(std::expected<DeviceAt, std::uint16_t>)>;

  virtual ~Devices() = default;
  /// `found` is called now or later, or never if the worker ends before. `gruu`: a URI with `gr`.
  virtual void find(const parser::Uri& gruu, Found found) = 0;
};

}  // namespace opensips::dialog
