#pragma once

#include <functional>
#include <string>

#include "l0_transport/tls/service.hh"
#include "manage/command.hh"

namespace opensips::transport::tls {

/// tls_mgm:list and tls_mgm:reload. `place`: a place in the configuration as an operator reads it.
void add_tls_commands(manage::Commands& commands, Service& tls,
                      std::function<std::string(config::Position)> place);

}  // namespace opensips::transport::tls
