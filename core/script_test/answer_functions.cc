#include "script_test/answer_functions.hh"

#include <string>
#include <utility>
#include <vector>

#include "script_test/bench_functions.hh"
#include "script_test/lua_values.hh"
#include "storage/error.hh"

namespace opensips::script_test {
namespace {

/// Raises an error of Lua if no case is at work, so nothing is made before it is called.
Answers& answers_of(lua_State* state) {
  const auto& bench = *static_cast<Bench*>(lua_touserdata(state, lua_upvalueindex(1)));
  if (!bench.current) luaL_error(state, "no case is at work");
  return bench.current->answers();
}

std::size_t number_at(lua_State* state, int place) {
  return static_cast<std::size_t>(integer_at(state, place));
}

Service service_of(const std::string& name) {
  if (name == "redis") return Service::redis;
  return name == "http" ? Service::http : Service::sql;
}

storage::Error::Kind error_kind_of(const std::string& name) {
  using Kind = storage::Error::Kind;
  for (const auto kind : {Kind::unavailable, Kind::timed_out, Kind::busy, Kind::locked, Kind::full,
                          Kind::read_only, Kind::constraint}) {
    if (to_string(kind) == name) return kind;
  }
  return Kind::statement;
}

/// answer(service, pattern, values or nil): the number of an answer that is empty so far
int answer(lua_State* state) {
  auto& answers = answers_of(state);
  Answer made{.service = service_of(text_at(state, 1)), .pattern = text_at(state, 2)};
  if (lua_istable(state, 3)) made.values = texts_at(state, 3);
  if (made.service == Service::http) {
    made.reply = transport::WebServers::Result(transport::HttpResponse{.status = 200});
  }
  lua_pushnumber(state, static_cast<lua_Number>(answers.add(std::move(made))));
  return 1;
}

/// answer_rows(number, columns, list of lists of values)
int answer_rows(lua_State* state) {
  auto& answers = answers_of(state);
  storage::Rows rows;
  rows.columns = texts_at(state, 2);
  const int count = static_cast<int>(lua_objlen(state, 3));
  for (int i = 1; i <= count; ++i) {
    lua_rawgeti(state, 3, i);
    storage::Row row;
    for (std::size_t j = 1; j <= rows.columns.size(); ++j) {
      lua_rawgeti(state, -1, static_cast<int>(j));
      row.push_back(value_at(state, -1));
      lua_pop(state, 1);
    }
    rows.rows.push_back(std::move(row));
    lua_pop(state, 1);
  }
  answers.change(number_at(state, 1),
                 [&](Answer& one) { one.reply = storage::Outcome(std::move(rows)); });
  return 0;
}

/// answer_changes(number, rows written, the number given to the last one)
int answer_changes(lua_State* state) {
  auto& answers = answers_of(state);
  storage::Rows rows;
  rows.affected = static_cast<std::uint64_t>(integer_at(state, 2));
  rows.last_id = integer_at(state, 3);
  answers.change(number_at(state, 1),
                 [&](Answer& one) { one.reply = storage::Outcome(std::move(rows)); });
  return 0;
}

/// answer_tree(number, value)
int answer_tree(lua_State* state) {
  auto& answers = answers_of(state);
  storage::Rows rows;
  add_tree(state, 2, rows.rows);
  answers.change(number_at(state, 1),
                 [&](Answer& one) { one.reply = storage::Outcome(std::move(rows)); });
  return 0;
}

/// answer_web(number, status, body, names of headers, their values)
int answer_web(lua_State* state) {
  auto& answers = answers_of(state);
  transport::HttpResponse response{.status = static_cast<unsigned>(integer_at(state, 2)),
                                   .body = text_at(state, 3)};
  const auto names = texts_at(state, 4), values = texts_at(state, 5);
  for (std::size_t i = 0; i < names.size() && i < values.size(); ++i) {
    response.headers.emplace_back(names[i], values[i]);
  }
  answers.change(number_at(state, 1), [&](Answer& one) {
    one.reply = transport::WebServers::Result(std::move(response));
  });
  return 0;
}

/// answer_error(number, what the script is told)
int answer_error(lua_State* state) {
  auto& answers = answers_of(state);
  auto why = text_at(state, 2);
  answers.change(number_at(state, 1), [&](Answer& one) {
    if (one.service == Service::http) {
      one.reply = transport::WebServers::Result(std::unexpected(std::move(why)));
    } else {
      one.reply =
          storage::Outcome(std::unexpected(storage::Error{error_kind_of(why), std::move(why)}));
    }
  });
  return 0;
}

/// answer_after(number, milliseconds)
int answer_after(lua_State* state) {
  auto& answers = answers_of(state);
  const auto after = static_cast<std::uint64_t>(integer_at(state, 2));
  answers.change(number_at(state, 1), [&](Answer& one) { one.after_ms = after; });
  return 0;
}

/// answer_once(number)
int answer_once(lua_State* state) {
  answers_of(state).change(number_at(state, 1), [](Answer& one) { one.once = true; });
  return 0;
}

/// asked(number): a list of { text, values, body }
int asked(lua_State* state) {
  auto& answers = answers_of(state);
  std::vector<Question> all;
  answers.change(number_at(state, 1), [&](const Answer& one) { all = one.asked; });
  lua_createtable(state, static_cast<int>(all.size()), 0);
  for (std::size_t i = 0; i < all.size(); ++i) {
    lua_createtable(state, 0, 3);
    set_field(state, "text", all[i].text);
    set_field(state, "body", all[i].body);
    push(state, all[i].values);
    lua_setfield(state, -2, "values");
    lua_rawseti(state, -2, static_cast<int>(i) + 1);
  }
  return 1;
}

constexpr luaL_Reg kFunctions[] = {
    {"answer", answer},
    {"answer_rows", answer_rows},
    {"answer_changes", answer_changes},
    {"answer_tree", answer_tree},
    {"answer_web", answer_web},
    {"answer_error", answer_error},
    {"answer_after", answer_after},
    {"answer_once", answer_once},
    {"asked", asked},
};

}  // namespace

std::span<const luaL_Reg> answer_functions() {
  return kFunctions;
}

}  // namespace opensips::script_test
