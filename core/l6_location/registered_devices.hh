#pragma once

#include <cstdint>

#include "l3_dialog/devices.hh"
#include "l6_location/aor_table.hh"
#include "l6_location/temporary_gruus.hh"
#include "loop/context.hh"

namespace opensips::location {

class StoredRegistrar;

/// The devices that have registered, for requests inside dialogs that are sent to their GRUUs. One
/// worker.
class RegisteredDevices final : public dialog::Devices {
 public:
  /// All of them outlive it.
  RegisteredDevices(loop::Context& context, const AorTable& table, const TemporaryGruus& gruus)
      : context_(context), table_(table), gruus_(gruus) {}

  /// Contacts are in a database too. It outlives all calls of find().
  void set_contacts(StoredRegistrar& contacts) { contacts_ = &contacts; }

  void find(const parser::Uri& gruu, Found found) override;

 private:
  loop::Context& context_;
  const AorTable& table_;
  const TemporaryGruus& gruus_;
  StoredRegistrar* contacts_ = nullptr;
};

}  // namespace opensips::location
