#pragma once

#include <array>
#include <atomic>
#include <optional>
#include <span>
#include <string_view>

#include "loop/walk.hh"

namespace opensips::loop {

/// Which of the optional layers are on. Any thread; a message sees one state of it, to its end.
class LayerSwitch {
 public:
  /// An optional layer by the name that operators know: "nat", "presence", "location".
  static constexpr std::optional<LayerId> layer_of(std::string_view name) {
    for (unsigned i = 0; i < kNames.size(); ++i) {
      if (kNames[i] == name) return static_cast<LayerId>(kFirst + i);
    }
    return std::nullopt;
  }
  static constexpr std::span<const std::string_view> names() { return kNames; }

  bool is_on(LayerId layer) const { return mask() & mask_of(layer); }
  void set(LayerId layer, bool on) {
    if (on) {
      mask_.fetch_or(mask_of(layer), std::memory_order_relaxed);
    } else {
      mask_.fetch_and(static_cast<LayerMask>(~mask_of(layer)), std::memory_order_relaxed);
    }
  }
  /// For the next message.
  LayerMask mask() const { return mask_.load(std::memory_order_relaxed); }

 private:
  static constexpr unsigned kFirst = static_cast<unsigned>(LayerId::nat);
  static constexpr std::array<std::string_view, 3> kNames{"nat", "presence", "location"};

  std::atomic<LayerMask> mask_ = kAllLayers;
};

}  // namespace opensips::loop
