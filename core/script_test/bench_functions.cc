#include "script_test/bench_functions.hh"

#include <optional>
#include <utility>

#include "base/address.hh"
#include "l0_transport/sockets.hh"
#include "l1_parser/digest.hh"
#include "l1_parser/digest_answer.hh"
#include "l1_parser/digest_hash.hh"
#include "script_test/answer_functions.hh"
#include "script_test/lua_values.hh"

namespace opensips::script_test {
namespace {

Bench& bench_of(lua_State* state) {
  return *static_cast<Bench*>(lua_touserdata(state, lua_upvalueindex(1)));
}

/// These raise an error of Lua, so nothing is made before they are called.
TestCase& case_of(lua_State* state) {
  auto* const current = bench_of(state).current.get();
  if (!current) luaL_error(state, "no case is at work");
  return *current;
}

TestServer& server_of(lua_State* state) {
  auto* const server = case_of(state).server();
  if (!server) luaL_error(state, "the server has not been started in this case");
  return *server;
}

/// nil and why.
int refuse(lua_State* state, const std::string& why) {
  lua_pushnil(state);
  push(state, why);
  return 2;
}

int done(lua_State* state, const std::expected<void, std::string>& outcome) {
  if (!outcome) return refuse(state, outcome.error());
  lua_pushboolean(state, 1);
  return 1;
}

// The case

/// begin(wall seconds, seed)
int begin(lua_State* state) {
  auto& bench = bench_of(state);
  bench.current.reset();  // its clock goes before the next one comes
  bench.current = std::make_unique<TestCase>(bench.mpath, integer_at(state, 1),
                                             static_cast<std::uint64_t>(integer_at(state, 2)));
  return 0;
}

/// start(file of the configuration, its text or nil)
int start(lua_State* state) {
  return done(state, case_of(state).start(text_at(state, 1), text_at(state, 2)));
}

/// insert(table, columns, values)
int insert(lua_State* state) {
  auto& tables = case_of(state).tables();
  const auto columns = texts_at(state, 2);
  std::vector<storage::Value> values;
  for (std::size_t i = 1; i <= columns.size(); ++i) {
    lua_rawgeti(state, 3, static_cast<int>(i));
    values.push_back(value_at(state, -1));
    lua_pop(state, 1);
  }
  return done(state, tables.insert(text_at(state, 1), columns, values));
}

// Time

int now(lua_State* state) {
  lua_pushnumber(state, static_cast<lua_Number>(TestCase::now()));
  return 1;
}

int next_due(lua_State* state) {
  const auto due = server_of(state).next_due();
  if (!due) return 0;
  lua_pushnumber(state, static_cast<lua_Number>(*due));
  return 1;
}

int advance_to(lua_State* state) {
  case_of(state).advance_to(static_cast<std::uint64_t>(integer_at(state, 1)));
  return 0;
}

// Messages

std::optional<base::Transport> transport_at(lua_State* state, int place) {
  return transport::transport_of(text_at(state, place));
}

/// socket(transport): its address
int socket(lua_State* state) {
  const auto& server = server_of(state);
  const auto transport = transport_at(state, 1);
  const auto found = transport ? server.socket_of(*transport) : std::nullopt;
  if (!found) return 0;
  push(state, found->address);
  return 1;
}

/// receive(bytes, peer, transport, number of the connection or 0)
int receive(lua_State* state) {
  auto& server = server_of(state);
  const auto peer = base::Address::parse_host_port(text_at(state, 2), 5060);
  const auto transport = transport_at(state, 3);
  if (!peer || !transport) return refuse(state, "no such address or transport");
  const auto socket = server.socket_of(*transport);
  if (!socket) return refuse(state, "the configuration has no socket of that transport");
  base::Flow flow{.peer = *peer, .socket = socket->place, .transport = *transport};
  const auto connection = static_cast<std::uint32_t>(integer_at(state, 4));
  if (connection != 0) flow.connection = base::ConnectionId(0, connection, 1);
  server.receive(text_at(state, 1), flow);
  return done(state, {});
}

/// take(): a list of { bytes, peer, transport, connection }
int take(lua_State* state) {
  const auto sent = server_of(state).take();
  lua_createtable(state, static_cast<int>(sent.size()), 0);
  for (std::size_t i = 0; i < sent.size(); ++i) {
    lua_createtable(state, 0, 4);
    set_field(state, "bytes", sent[i].bytes);
    set_field(state, "peer", sent[i].to.peer.to_string());
    set_field(state, "transport", base::name_of(sent[i].to.transport));
    lua_pushnumber(state, sent[i].to.connection.slot());
    lua_setfield(state, -2, "connection");
    lua_rawseti(state, -2, static_cast<int>(i) + 1);
  }
  return 1;
}

/// digest(challenge, user, password, method, uri, body, cnonce, count): the value of the header
int digest(lua_State* state) {
  const auto text = text_at(state, 1);
  const auto challenge = parser::DigestChallenge::parse(text);
  if (!challenge || !parser::can_answer(*challenge)) return refuse(state, "cannot be answered");
  const auto user = text_at(state, 2), password = text_at(state, 3), method = text_at(state, 4);
  const auto uri = text_at(state, 5), body = text_at(state, 6), cnonce = text_at(state, 7);
  const auto answer = parser::answer(*challenge, {.username = user, .password = password},
                                     {.method = method, .uri = uri, .body = body}, cnonce,
                                     static_cast<std::uint32_t>(integer_at(state, 8)));
  if (!answer) return refuse(state, "cannot be answered");
  push(state, *answer);
  return 1;
}

/// ha1(algorithm, user, realm, password)
int ha1(lua_State* state) {
  const auto name = text_at(state, 1);
  const auto algorithm = name == "SHA-256"       ? parser::DigestAlgorithm::sha256
                         : name == "SHA-512-256" ? parser::DigestAlgorithm::sha512_256
                                                 : parser::DigestAlgorithm::md5;
  push(state, parser::digest_ha1(algorithm, text_at(state, 2), text_at(state, 3), text_at(state, 4))
                  .text());
  return 1;
}

// What has happened

/// message(from, to, start line)
int message(lua_State* state) {
  case_of(state).journal().message(text_at(state, 1), text_at(state, 2), text_at(state, 3));
  return 0;
}

int log_lines(lua_State* state) {
  push(state, case_of(state).journal().log_lines());
  return 1;
}

int problems(lua_State* state) {
  auto* const server = case_of(state).server();
  push(state, server ? server->take_problems() : std::vector<std::string>());
  return 1;
}

int statistic(lua_State* state) {
  const auto value = server_of(state).statistic(text_at(state, 1));
  if (!value) return 0;
  lua_pushnumber(state, static_cast<lua_Number>(*value));
  return 1;
}

/// command(name, arguments): JSON
int command(lua_State* state) {
  const auto answer = server_of(state).command(text_at(state, 1), texts_at(state, 2));
  if (!answer) return refuse(state, answer.error());
  push(state, *answer);
  return 1;
}

/// address(name, addresses)
int dns_addresses(lua_State* state) {
  server_of(state).add_addresses(text_at(state, 1), texts_at(state, 2));
  return 0;
}

/// service(name, priority, weight, port, target)
int dns_service(lua_State* state) {
  server_of(state).add_service(
      text_at(state, 1), {static_cast<std::uint16_t>(integer_at(state, 2)),
                          static_cast<std::uint16_t>(integer_at(state, 3)),
                          static_cast<std::uint16_t>(integer_at(state, 4)), text_at(state, 5)});
  return 0;
}

int dns_failure(lua_State* state) {
  server_of(state).add_failure(text_at(state, 1));
  return 0;
}

constexpr luaL_Reg kFunctions[] = {
    {"begin", begin},
    {"start", start},
    {"insert", insert},
    {"now", now},
    {"next_due", next_due},
    {"advance_to", advance_to},
    {"socket", socket},
    {"receive", receive},
    {"take", take},
    {"digest", digest},
    {"ha1", ha1},
    {"message", message},
    {"log_lines", log_lines},
    {"problems", problems},
    {"statistic", statistic},
    {"command", command},
    {"dns_addresses", dns_addresses},
    {"dns_service", dns_service},
    {"dns_failure", dns_failure},
};

void push_functions(lua_State* state, Bench& bench, std::span<const luaL_Reg> functions) {
  for (const auto& one : functions) {
    lua_pushlightuserdata(state, &bench);
    lua_pushcclosure(state, one.func, 1);
    lua_setfield(state, -2, one.name);
  }
}

}  // namespace

void push_bench(lua_State* state, Bench& bench) {
  lua_newtable(state);
  push_functions(state, bench, kFunctions);
  push_functions(state, bench, answer_functions());
}

}  // namespace opensips::script_test
