#include "lp_routing/functions/places.hh"

#include <algorithm>
#include <iterator>

namespace opensips::routing {

std::string_view where_is(Places place) {
  struct Name {
    Places place;
    std::string_view text;
  };
  constexpr Name kNames[] = {
      {kTopLevel, "at the top level of the script"},
      {place_of(Handler::startup), "in the startup handler"},
      {place_of(Handler::dialog), "in the handler of dialogs' events"},
      {place_of(Handler::branch), "in the handler of branches"},
      {place_of(Handler::response), "in the handler of responses"},
      {place_of(Handler::event), "in the handler of an event"},
      {place_of(Handler::local_request), "in the handler of the server's own requests"},
      {place_of(Handler::task), "in a function without a request"}};
  const auto* const found = std::ranges::find(kNames, place, &Name::place);
  return found != std::end(kNames) ? found->text : "in a handler";
}

}  // namespace opensips::routing
