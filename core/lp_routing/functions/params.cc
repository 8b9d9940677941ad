#include "lp_routing/functions/params.hh"

#include <algorithm>
#include <vector>

#include "l1_parser/chars.hh"
#include "l1_parser/params.hh"
#include "lp_routing/functions/text.hh"

namespace opensips::routing {

Value params_table(std::string_view params) {
  Value::Map table;
  if (params.empty()) return table;
  parser::ParamScanner scanner(params);
  while (const auto param = scanner.next()) {
    table.push_back({param->name, param->has_value ? Value(param->value) : Value(true)});
  }
  return table;
}

std::optional<std::string> params_text(const Value::Map& params) {
  std::vector<const Value::Entry*> sorted;
  for (const auto& entry : params) sorted.push_back(&entry);
  std::ranges::sort(sorted, {}, &Value::Entry::name);

  std::string text;
  for (const auto* entry : sorted) {
    if (!parser::chars::is_token(entry->name)) return std::nullopt;
    if (!text.empty()) text += ';';
    text += entry->name;
    std::string_view room;
    if (const auto* value = entry->value.text(room)) {
      if (!is_line(*value) || value->find_first_of(";?") != std::string_view::npos)
        return std::nullopt;
      text.append("=").append(*value);
    } else if (const auto* number = entry->value.get<std::int64_t>()) {
      text.append("=").append(std::to_string(*number));
    } else if (const auto* flag = entry->value.get<bool>(); !flag || !*flag) {
      return std::nullopt;
    }
  }
  return text;
}

}  // namespace opensips::routing
