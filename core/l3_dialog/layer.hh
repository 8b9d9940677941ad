#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/siphash.hh"
#include "base/stats.hh"
#include "l0_transport/resolver.hh"
#include "l2_transaction/layer.hh"
#include "l2_transaction/uac.hh"
#include "l3_dialog/devices.hh"
#include "l3_dialog/dialogs.hh"
#include "l3_dialog/route_set.hh"
#include "loop/context.hh"
#include "loop/layer.hh"

namespace opensips::dialog {

struct Options {
  base::SipKey mac_key;  ///< makes and checks the proof in our Record-Routes; shared by a cluster
  base::SipKey tag_key;  ///< makes To tags
  bool record_route = true;    ///< stay in the way of the dialogs that are set up through here
  unsigned max_forwards = 70;  ///< for a request that has none
  DialogSettings dialogs;
};

/// L3 on one worker: puts our Record-Route into requests that set up a dialog, and routes the
/// requests inside such a dialog without the script (RFC 3261 16.4, 16.12). A request that only
/// claims to be in one goes up. Dialogs that are kept (`dialogs()`) see what passes and may refuse
/// it; where there are none, nothing is looked at twice.
class DialogLayer final : public loop::Layer {
 public:
  DialogLayer(loop::Context& context, transport::Resolver& resolver,
              transaction::TransactionLayer& transactions, transaction::Uac& uac,
              Profiles& profiles, const Options& options);

  loop::Verdict up(loop::Walk& walk) override;
  loop::Verdict down(loop::Walk& walk) override;

  Dialogs& dialogs() { return dialogs_; }
  /// Who resolves GRUUs; none: nobody does. It outlives the walks.
  void set_devices(Devices& devices) { devices_ = &devices; }
  /// A request inside a dialog, which was shown to the program, goes on its way; or is answered, if
  /// it cannot.
  void send_on(const base::Ref<parser::Message>& request, loop::ServerId server,
               loop::LayerMask mask);

 private:
  loop::Verdict inside(loop::Walk& walk, const RouteSet& routes);
  loop::Verdict route(loop::Walk& walk, const RouteSet& routes, const Dialogs::Passage& passage);
  loop::Verdict find_device(const loop::Walk& walk, const parser::Uri& gruu);
  void found_device(loop::Walk walk, const std::expected<DeviceAt, std::uint16_t>& found);
  loop::Verdict send(loop::Walk& walk, const RouteSet& routes, const Dialogs::Passage& passage,
                     const DeviceAt* device = nullptr);
  loop::Verdict send_to(loop::Walk& walk, const RouteSet& routes,
                        const std::expected<DeviceAt, std::uint16_t>& found);
  loop::Verdict over_flow(loop::Walk& walk, const RouteSet& routes);
  void stay_in_the_way(loop::Walk& walk, const Way& way) const;
  loop::Verdict refuse_inside(loop::Walk& walk, const Dialogs::Passage& passage);
  std::optional<loop::Verdict> begin(loop::Walk& walk);
  loop::Verdict refuse(loop::Walk& walk, unsigned code, std::string_view reason = {});
  base::Result<transport::NextHop> find_way(const parser::Message& request, std::string_view hop,
                                            const RouteSet& routes, std::uint16_t socket);
  base::Result<transport::NextHop> find_way(const parser::Message& request, const DeviceAt& device,
                                            std::uint16_t socket);
  loop::Verdict shed(loop::Walk& walk);
  void record_route(loop::Walk& walk) const;

  transport::Resolver& resolver_;
  const transport::Sockets& sockets_;
  transaction::TransactionLayer& transactions_;
  loop::Context& context_;
  Options options_;
  Dialogs dialogs_;
  Devices* devices_ = nullptr;
  base::Counter routed_;
  base::Counter unproven_;
  base::Counter shed_;
};

}  // namespace opensips::dialog
