#include "lp_routing/call_filter.hh"

#include <functional>
#include <string_view>

#include "lp_routing/generations.hh"
#include "lp_routing/share.hh"

namespace opensips::routing {

using manage::CommandArguments;
using manage::CommandError;
using manage::CommandParameter;

bool CallFilter::fits(const parser::Message& request) const {
  if (!call_id.empty() && call_id != request.call_id()) return false;
  if (!method.empty() && method != request.method_text()) return false;
  if (!caller.empty() && request.from_uri().user != caller) return false;
  if (share == 0) return true;
  return (std::hash<std::string_view>()(request.call_id()) % Generations::kAll) < share;
}

std::vector<CommandParameter> CallFilter::parameters() {
  using Type = CommandParameter::Type;
  return {{"call_id", Type::text, true, "of one call"},
          {"caller", Type::text, true, "the user in From"},
          {"method", Type::text, true, "that begins it"},
          {"share", Type::text, true, "of the calls, as 5%"}};
}

std::expected<CallFilter, CommandError> CallFilter::read(const CommandArguments& given,
                                                         std::size_t index) {
  const auto text = [&](std::size_t place) {
    return given.has(index + place) ? given.text(index + place) : std::string();
  };
  CallFilter filter{text(0), text(1), text(2), 0};
  if (!given.has(index + 3)) return filter;
  const auto share = share_of(given.text(index + 3));
  if (!share) {
    return std::unexpected(CommandError{400, "a share is a percentage, as 5% or 0.5%, up to 100%"});
  }
  filter.share = *share;
  return filter;
}

}  // namespace opensips::routing
