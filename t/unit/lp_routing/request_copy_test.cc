// What programs on other threads see of a request, and what comes back of it.

#include "lp_routing/functions/request_copy.hh"

#include <thread>

#include "l1_parser/message_view.hh"
#include "unit/lp_routing/script_test.hh"

namespace opensips::routing {
namespace {

class RequestCopies : public ScriptTest {
 protected:
  RequestCopies() {
    handle("req:set_header('X-List', 'three') req.ruri = 'sip:c@example.org' req:fork(req.ruri)");
    EXPECT_EQ(start(), Progress::waiting);
  }

  static const Function& row(ObjectKind kind, std::string_view name,
                             Function::Kind of = Function::Kind::method) {
    const auto rows = FunctionTable::core().rows(kind);
    return *std::ranges::find_if(
        rows, [&](const Function& one) { return one.name == name && one.kind == of; });
  }

  Value call(Replica& replica, const Function& row, std::vector<Value> arguments = {}) {
    return call_on_replica(&replica, row, replica.request(), arguments, program);
  }

  /// A program that has no more than the functions.
  struct Bare final : Program {
    bool set_handler(Handler, Value::Callback) override { return false; }
    void set_handler(routing::Run&, Handler, std::optional<Value::Callback>) override {}
    bool set_event_handler(std::string_view, Value::Callback) override { return false; }
    const manage::EventTypes& event_types() const override { return core_events(); }
    std::uint32_t generation() const override { return 1; }
    std::string_view keep(std::string text) override { return kept.emplace_back(std::move(text)); }
    std::optional<std::uint32_t> intern(std::string_view) override { return std::nullopt; }
    std::string_view interned(std::uint32_t) const override { return {}; }
    void add_timer(std::chrono::milliseconds, Value::Callback, bool) override {}
    int keep_task(Value::Callback, std::size_t) override { return 0; }
    const FunctionTable& functions() const override { return FunctionTable::core(); }
    std::deque<std::string> kept;
  } program;
};

TEST_F(RequestCopies, AreAsTheRequestIsByThen) {
  Replica replica{RequestCopy(run())};
  EXPECT_EQ(parser::effective_uri(replica.message()), "sip:c@example.org");
  EXPECT_EQ(parser::header(replica.message(), "X-List"), "three");
  EXPECT_EQ(replica.request().run, run().id);
  EXPECT_EQ(replica.message().source().peer, run().source.peer);
}

TEST_F(RequestCopies, BringTheirChangesBackFromAnotherThread) {
  const RequestCopy copy(run());
  Changes changes;
  std::thread([&] {
    Replica replica(copy);
    call(replica, row(ObjectKind::request, "add_header"), {"X-Mark", "yes"});
    call(replica, row(ObjectKind::request, "remove_header"), {"User-Agent"});
    call(replica, row(ObjectKind::request, "body", Function::Kind::setter), {"text"});
    changes = replica.changes();
  }).join();
  auto& request = *run().request;
  EXPECT_FALSE(parser::header(request, "X-Mark"));
  changes.apply_to(request);
  EXPECT_EQ(parser::header(request, "X-Mark"), "yes");
  EXPECT_FALSE(parser::header(request, "User-Agent"));
  EXPECT_EQ(parser::header(request, "X-List"), "three");
  EXPECT_EQ(parser::effective_uri(request), "sip:c@example.org");
  EXPECT_EQ(request.edits().body(), "text");
}

TEST_F(RequestCopies, TakeWhatWasChangedWhereTheRequestIs) {
  Replica replica{RequestCopy(run())};
  const Changes before = replica.changes();
  EXPECT_EQ(before, Changes(run().request->edits()));
  ASSERT_TRUE(parser::add_header(*run().request, "X-Mark", "yes"));
  const Changes after(run().request->edits());
  EXPECT_NE(after, before);
  replica.apply(after);
  EXPECT_EQ(parser::header(replica.message(), "X-Mark"), "yes");
  EXPECT_EQ(replica.changes(), after);
  const auto& answered = row(ObjectKind::request, "answered", Function::Kind::getter);
  EXPECT_FALSE(*call(replica, answered).get<bool>());
  replica.set_state(true, false);
  EXPECT_TRUE(*call(replica, answered).get<bool>());
}

TEST_F(RequestCopies, HaveTheResponses) {
  run().responses.push_back(message_of(response_bytes(486)));
  Replica replica{RequestCopy(run())};
  ASSERT_EQ(replica.responses(), 1U);
  const Value code =
      call_on_replica(&replica, row(ObjectKind::response, "code", Function::Kind::getter),
                      replica.response(0), {}, program);
  EXPECT_EQ(*code.get<std::int64_t>(), 486);
}

/// None asks for a server that is not there, whatever it is given.
TEST_F(RequestCopies, TakeEveryFunctionThatWorksOnThem) {
  run().responses.push_back(message_of(response_bytes(486)));
  const Value values[] = {{},  true,      std::int64_t{1},  2.5,
                          "x", "sip:a@b", Value::List{"a"}, Value::Map{{"x", "y"}}};
  std::size_t functions = 0;
  for (unsigned kind = 0; kind < FunctionTable::core().kinds(); ++kind) {
    for (const Function& row : FunctionTable::core().rows(static_cast<ObjectKind>(kind))) {
      if (!works_on_replicas(row)) continue;
      ++functions;
      for (const Value& one : values) {
        Replica replica{RequestCopy(run())};
        Object self = replica.request();
        self.kind = row.object;
        if (row.object == ObjectKind::response) self = replica.response(0);
        if (row.object == ObjectKind::uri) self.part = Object::Part::request_uri;
        if (row.object == ObjectKind::name_addr) self.part = Object::Part::from;
        const std::vector<Value> arguments(row.types.size(), one);
        call_on_replica(&replica, row, self, arguments, program);
        program.kept.clear();
      }
    }
  }
  EXPECT_GT(functions, 100U);
}

}  // namespace
}  // namespace opensips::routing
