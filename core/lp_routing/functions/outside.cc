#include "lp_routing/functions/outside.hh"

#include <algorithm>
#include <array>
#include <string_view>

namespace opensips::routing {
namespace {

struct Row {
  ObjectKind object;
  std::string_view name;  // empty: all of that object's
  Outside how;
};

constexpr std::array kRows{
    Row{ObjectKind::sql, "", Outside::yes},
    Row{ObjectKind::redis, "", Outside::yes},
    Row{ObjectKind::http, "", Outside::yes},
    Row{ObjectKind::dns, "", Outside::yes},
    Row{ObjectKind::shared, "", Outside::yes},
    Row{ObjectKind::location, "", Outside::yes},
    Row{ObjectKind::request, "save_location", Outside::yes},
    Row{ObjectKind::dialogs, "profile_size", Outside::yes},
    Row{ObjectKind::dialog, "set_profile", Outside::also},
    Row{ObjectKind::sip, "request", Outside::yes},
    Row{ObjectKind::sip, "wait", Outside::yes},
    Row{ObjectKind::sip, "is_local", Outside::yes},
    Row{ObjectKind::sip, "is_myself", Outside::yes},
    Row{ObjectKind::sip, "domain_attributes", Outside::yes},
    Row{ObjectKind::sip, "sleep", Outside::unasked},
    Row{ObjectKind::sip, "now", Outside::unasked},
    Row{ObjectKind::sip, "in_time", Outside::unasked},
    Row{ObjectKind::sip, "random", Outside::unasked},
    Row{ObjectKind::sip, "random_id", Outside::unasked},
    Row{ObjectKind::sip, "uuid", Outside::unasked},
};

}  // namespace

Outside outside(const Function& function) {
  if (function.kind == Function::Kind::text) return Outside::no;
  if (function.owner.module) return Outside::yes;
  const auto row = std::ranges::find_if(kRows, [&](const Row& one) {
    return one.object == function.object && (one.name.empty() || one.name == function.name);
  });
  return row == kRows.end() ? Outside::no : row->how;
}

}  // namespace opensips::routing
