#include "lp_routing/functions/answering.hh"

#include "lp_routing/functions/services.hh"

namespace opensips::routing {

base::Result<void> reply(const Call& call, unsigned code, std::string_view reason,
                         std::string_view headers) {
  return call.services->reply(*call.run, code, reason,
                              {.headers = headers, .content_type = {}, .body = {}});
}

void drop(const Call& call) {
  call.services->drop(*call.run);
}

}  // namespace opensips::routing
