#include "lp_routing/functions/function.hh"

#include <algorithm>
#include <string>
#include <vector>

#include "lp_routing/functions/groups.hh"

namespace opensips::routing {

std::string Function::full_name() const {
  std::string text(to_string(object));
  if (kind == Kind::text) return "tostring(" + text + ")";
  text += kind == Kind::method ? ':' : '.';
  text += name;
  return text;
}

std::string_view Function::argument(std::size_t index) const {
  std::string_view rest = arguments;
  for (; index > 0; --index) rest.remove_prefix(std::min(rest.find(", "), rest.size() - 2) + 2);
  return rest.substr(0, rest.find(", "));
}

std::span<const Function> functions() {
  static const std::vector<Function> all = [] {
    std::vector<Function> rows;
    for (const auto group : {sip_functions(), request_fields(), request_headers(), header_changes(), request_actions(),
                             response_functions(), response_headers(), uri_functions(), name_addr_functions(),
                             source_functions(), location_functions()}) {
      rows.insert(rows.end(), group.begin(), group.end());
    }
    std::stable_sort(rows.begin(), rows.end(), [](const Function& a, const Function& b) {
      return a.object < b.object;
    });
    return rows;
  }();
  return all;
}

}  // namespace opensips::routing
