#include <string>

#include <fmt/format.h>

#include "l6_location/aor.hh"
#include "l6_location/methods.hh"
#include "l6_location/wanted.hh"
#include "lp_routing/functions/argument.hh"
#include "lp_routing/functions/flow_text.hh"
#include "lp_routing/functions/groups.hh"
#include "lp_routing/functions/parts.hh"
#include "lp_routing/functions/printed.hh"
#include "lp_routing/functions/services.hh"
#include "lp_routing/functions/waiting.hh"

namespace opensips::routing {
namespace {

/// A URI as text, or an object that has one: of a request its Request-URI.
struct AorArgument {
  const Value* value = nullptr;
};
struct LookupFields {
  std::optional<std::string_view> method;
};

}  // namespace

template <>
struct OptionTable<LookupFields> {
  static constexpr std::tuple fields{Option<LookupFields, std::optional<std::string_view>>{
      "method", &LookupFields::method,
      "only contacts that take it, as their registration's `methods` says (RFC 3840)"}};
};

template <>
struct Argument<AorArgument> {
  static constexpr std::string_view type = "string|request|uri|name_addr";
  static bool from(const Value& value, AorArgument& to, std::string&) {
    std::string_view room;
    if (!value.text(room) && !value.get<Object>()) return false;
    to.value = &value;
    return true;
  }
};

namespace {

constexpr std::size_t kMostOfTarget = 4;  // entries of its table

Value target_table(const location::Target& target) {
  Value result = Value::Map();
  auto& table = *std::get_if<Value::Map>(&result.any);
  table.reserve(kMostOfTarget);
  table.push_back({"uri", std::string(target.uri)});
  table.push_back({"q", target.q / 1000.0});
  if (needs_flow(target)) table.push_back({"flow", flow_text(target.flow)});
  if (!target.path.empty()) {
    table.push_back({"path", std::string(target.path)});
  } else if (is_out_of_reach(target)) {
    table.push_back({"no_connect", true});
  }
  return result;
}

/// The URI that is meant; nothing, with `wrong` set, if the argument is none.
std::optional<parser::Uri> wanted(const Call& call, const Value& given, Value& wrong) {
  std::string_view room;
  std::optional<parser::Uri> uri;
  if (const auto* const text = given.text(room)) {
    if (auto parsed = parser::Uri::parse(*text)) uri = *parsed;
  } else {
    Object object = *given.get<Object>();
    if (!call.run || object.run != call.run->id) {
      wrong = Misuse{"location:lookup: the object's request has ended"};
      return std::nullopt;
    }
    if (object.kind == ObjectKind::request) object.part = Object::Part::request_uri;
    if (object.part != Object::Part::whole) {
      uri = uri_of({call.function, call.program, call.services, call.run, object});
    }
  }
  if (!uri) wrong = Problem{"not a URI"};
  return uri;
}

Value groups_table(const location::TargetGroups& groups) {
  if (groups.is_method_refused()) return Problem{"method not allowed"};
  if (groups.empty()) return Problem{"not found"};
  Value::List list;
  list.reserve(groups.size());
  for (std::size_t i = 0; i < groups.size(); ++i) {
    Value::List group;
    group.reserve(groups[i].size());
    for (const location::Target& target : groups[i]) group.push_back(target_table(target));
    list.push_back(std::move(group));
  }
  return list;
}

/// What a database had to be asked for.
void lookup_later(const Call& call, std::string_view aor, const location::TargetFilter& filter) {
  call.services->lookup(aor, filter, [rest = Continuation(call)](Services::Contacts found) {
    rest.go_on([found = std::move(found)](Call&) -> Value {
      if (!found) return Problem{found.error()};
      return groups_table(*found);
    });
  });
}

Value lookup(Call& call, AorArgument aor, std::optional<LookupFields> options) {
  Value wrong;
  const auto uri = wanted(call, *aor.value, wrong);
  if (!uri) return wrong;
  char room[location::kMaxAor];
  std::optional<std::string_view> key;
  std::optional<location::Wanted> device;  // of a GRUU
  location::TargetFilter filter;
  if (uri->param("gr")) {
    device = location::wanted_by(*uri, call.services->temporary_gruus());
    if (device) key = device->aor;
    if (device) filter = std::move(device->filter);
  } else {
    key = location::aor_of(*uri, room);
  }
  if (!key) return Problem{"not found"};
  if (options && options->method) filter.methods = location::method_bit(*options->method);
  if (const auto groups = call.services->lookup(*key, filter)) return groups_table(*groups);
  lookup_later(call, *key, filter);
  return Value::Wait{};
}

constexpr Function kRows[] = {
    waiting(method<lookup>(
        ObjectKind::location, "lookup", "aor, options", "target[][], err",
        "The registered contacts of a user, or of the user in the Request-URI of a request: groups "
        "to try one after the other, each a list for request:fork(). err is \"not found\" if there "
        "are none, \"method not allowed\" if none of them takes the method. Where a database has "
        "to be asked, err may say what sql:query() says of it.")),
};

}  // namespace

std::span<const Function> location_functions() {
  return kRows;
}

}  // namespace opensips::routing
