#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/siphash.hh"
#include "l0_transport/connections.hh"
#include "l6_location/registrar.hh"
#include "loop/context.hh"
#include "loop/layer.hh"

namespace opensips::location {

class StoredRegistrar;

/// Answers every REGISTER for some domains before the program sees it: steps 5 to 8 of RFC 3261
/// 10.3. Nobody is asked for a password. One worker.
class RegisterService {
 public:
  struct Options {
    std::vector<std::string> domains = {};  ///< in lower case; none: every REGISTER passes
    base::SipKey tag_key = {};              ///< of our replies
  };

  /// All of them outlive it.
  RegisterService(loop::Context& context, Registrar& registrar, Options options)
      : context_(context), registrar_(registrar), options_(std::move(options)) {}

  /// Contacts are in a database too. It lives as long as walks do.
  void set_contacts(StoredRegistrar& contacts) { contacts_ = &contacts; }
  /// This worker's, if it has any.
  void set_connections(transport::Connections& connections) { connections_ = &connections; }

  loop::Verdict up(loop::Walk& walk);

 private:
  bool is_for(std::string_view host) const;
  loop::Verdict save(loop::Walk& walk, std::string_view aor);
  void answer(loop::Walk& walk, const Registrar::Outcome& outcome);

  loop::Context& context_;
  Registrar& registrar_;
  const Options options_;
  StoredRegistrar* contacts_ = nullptr;
  transport::Connections* connections_ = nullptr;
};

}  // namespace opensips::location
