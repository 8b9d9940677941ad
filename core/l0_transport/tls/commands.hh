#pragma once

#include <expected>
#include <functional>
#include <string>

#include "l0_transport/tls/service.hh"
#include "manage/command.hh"

namespace opensips::transport::tls {

/// tls_mgm:list and tls_mgm:reload. `reload` says what is wrong if there is nothing new.
void add_tls_commands(manage::Commands& commands, const Service& tls,
                      std::function<std::expected<void, std::string>()> reload);

}  // namespace opensips::transport::tls
