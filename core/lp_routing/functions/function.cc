#include "lp_routing/functions/function.hh"

#include <algorithm>
#include <string>
#include <vector>

#include "lp_routing/functions/groups.hh"
#include "lp_routing/functions/services.hh"

namespace opensips::routing {

loop::Context& Call::context() const {
  return services->context();
}

unsigned worker_of(const loop::Context& context) {
  return context.worker();
}

std::string Function::full_name() const {
  std::string text(object_name());
  if (kind == Kind::text) return "tostring(" + text + ")";
  if (kind == Kind::element || kind == Kind::set_element) return text.append(name);
  text += kind == Kind::method ? ':' : '.';
  text += name;
  return text;
}

std::string_view Function::argument(std::size_t index) const {
  std::string_view rest = arguments;
  for (; index > 0; --index) rest.remove_prefix(std::min(rest.find(", "), rest.size() - 2) + 2);
  return rest.substr(0, rest.find(", "));
}

namespace {

/// At the end; but a setter stands behind its getter.
std::vector<Function>::iterator place_of_row(std::vector<Function>& rows, const Function& row) {
  if (row.kind != Function::Kind::setter) return rows.end();
  const auto getter = std::ranges::find_if(rows, [&](const Function& other) {
    return other.object == row.object && other.name == row.name;
  });
  return getter == rows.end() ? getter : getter + 1;
}

}  // namespace

std::span<const Function> functions() {
  static const std::vector<Function> all = [] {
    std::vector<Function> rows;
    for (const auto group :
         {handler_functions(),  sip_functions(),      sip_requests(),        request_fields(),
          request_headers(),    header_changes(),     request_actions(),     request_checks(),
          request_bodies(),     response_functions(), response_headers(),    response_changes(),
          response_bodies(),    uri_functions(),      name_addr_functions(), source_functions(),
          location_functions(), address_tests(),      random_functions(),    time_functions(),
          shared_functions(),   task_functions(),     http_functions(),      dns_functions(),
          parse_functions(),    write_functions(),    code_functions(),      json_functions(),
          sdp_functions(),      hash_functions(),     regex_functions(),     dialog_functions(),
          dialog_requests(),    profile_functions(),  sql_functions()}) {
      for (const Function& row : group) rows.insert(place_of_row(rows, row), row);
    }
    std::stable_sort(rows.begin(), rows.end(),
                     [](const Function& a, const Function& b) { return a.object < b.object; });
    return rows;
  }();
  return all;
}

}  // namespace opensips::routing
