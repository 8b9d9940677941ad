#include "lp_routing/functions/table.hh"

#include <algorithm>
#include <cassert>

namespace opensips::routing {

FunctionTable::FunctionTable() {
  const auto all = functions();
  for (unsigned kind = 0; kind < kCoreKinds; ++kind) {
    const auto object = static_cast<ObjectKind>(kind);
    const auto [first, last] = std::ranges::equal_range(all, object, {}, &Function::object);
    add_kind(to_string(object), {first, last}, is_core_table(object));
  }
}

const FunctionTable& FunctionTable::core() {
  static const FunctionTable table;
  return table;
}

void FunctionTable::add(std::string_view module, std::span<const Function> rows,
                        std::span<const std::string_view> objects, modules::Module* owner) {
  const auto table = static_cast<ObjectKind>(kinds());
  assert(kinds() + 1 + objects.size() <= kOwnKinds);
  for (unsigned own = 0; own <= objects.size(); ++own) {
    const auto name = own == 0 ? module : objects[own - 1];
    auto& mine = rows_.emplace_back();
    for (const Function& row : rows) {
      if (static_cast<unsigned>(row.object) != kOwnKinds + own) continue;
      assert(own > 0 || row.kind == Function::Kind::function);  // a plain table has nothing else
      auto& added = mine.emplace_back(row);
      added.object = static_cast<ObjectKind>(kinds());
      added.owner = {owner, table, name};
    }
    add_kind(name, mine, own == 0);
  }
}

void FunctionTable::add_kind(std::string_view name, std::span<const Function> rows, bool is_table) {
  const auto only = [rows](Function::Kind kind) {
    const auto row = std::ranges::find(rows, kind, &Function::kind);
    return row == rows.end() ? nullptr : &*row;
  };
  using enum Function::Kind;
  kinds_.push_back({name, rows, is_table, only(text), only(element), only(set_element)});
}

}  // namespace opensips::routing
