#include "lp_routing/functions/request_copy.hh"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <limits>
#include <string_view>
#include <utility>

namespace opensips::routing {
namespace {

using parser::Edits;
using Kind = Edits::Edit::Kind;

/// They were in bounds when they came.
constexpr parser::Limits kNoLimits = {.headers = 65'000,
                                      .vias = 65'000,
                                      .line = std::numeric_limits<std::uint32_t>::max() / 2,
                                      .uri = std::numeric_limits<std::uint32_t>::max() / 2};

base::Ref<parser::Message> parse(std::string_view bytes, const base::Flow& source) {
  auto parsed = parser::Message::parse(bytes, source, kNoLimits);
  assert(parsed.message);
  return std::move(parsed.message);
}

}  // namespace

Changes::Changes(const Edits& edits) : uri_(edits.uri()), method_(edits.method()) {
  if (edits.has_body()) body_ = edits.body();
  for (const auto* edit = edits.first(); edit; edit = edit->next) {
    edits_.push_back(
        {edit->place, edit->kind, std::string(edit->name_text), std::string(edit->value)});
  }
}

void Changes::apply_to(parser::Message& message) const {
  auto& arena = message.arena();
  Edits edits;
  for (const Edit& edit : edits_) {
    const auto name = arena.copy(edit.name);
    const auto value = arena.copy(edit.value);
    switch (edit.kind) {
      case Kind::insert: edits.insert(arena, edit.place, name, value); break;
      case Kind::replace: edits.replace(arena, edit.place, name, value); break;
      case Kind::remove: edits.remove(arena, edit.place); break;
    }
  }
  edits.set_uri(arena.copy(uri_));
  edits.set_method(arena.copy(method_));
  if (body_) edits.set_body(arena.copy(*body_));
  message.edits() = edits;
}

RequestCopy::Copied::Copied(const parser::Message& message)
    : bytes(message.raw()), source(message.source()), changes(message.edits()) {}

RequestCopy::RequestCopy(const Run& run) : run_(run.look_alike()) {
  if (!run.request) return;
  messages_.reserve(1 + run.responses.size());
  messages_.emplace_back(*run.request);
  for (const auto& response : run.responses) messages_.emplace_back(*response);
}

Replica::Replica(const RequestCopy& copy) : run_(copy.run_->look_alike()) {
  assert(copy.has_request());
  for (const auto& copied : copy.messages_) {
    auto message = parse(copied.bytes, copied.source);
    copied.changes.apply_to(*message);
    if (!run_->request) {
      run_->request = std::move(message);
    } else {
      run_->responses.push_back(std::move(message));
    }
  }
}

Object Replica::response(std::size_t index) const {
  return {
      .kind = ObjectKind::response, .response = static_cast<std::uint16_t>(index), .run = run_->id};
}

Value call_on_replica(Replica* replica, const Function& row, const Object& self,
                      std::span<const Value> arguments, Program& program) {
  assert(works_on_replicas(row));
  assert(replica || (row.places & kTopLevel));
  Call call{row, program, nullptr, replica ? replica->run_.get() : nullptr, self};
  return row.thunk(call, arguments);
}

bool works_on_replicas(const Function& row) {
  const auto is_one_of = [&row](auto... names) { return ((row.name == names) || ...); };
  // What says what becomes of a request is no business of a copy.
  if (row.waits || row.owner.module || (row.places & kInPassing) == 0) return false;
  switch (row.object) {
    case ObjectKind::sip:
      return is_one_of("log", "now", "version", "generation", "is_ip", "ip_in", "is_private",
                       "random", "random_id", "uuid");
    case ObjectKind::request: return !is_one_of("ctx", "socket", "dialog", "drop", "cancel");
    case ObjectKind::response: return !is_one_of("drop");
    case ObjectKind::source: return !is_one_of("socket", "tls");
    case ObjectKind::uri:
    case ObjectKind::name_addr:
    case ObjectKind::parse:
    case ObjectKind::write:
    case ObjectKind::encode:
    case ObjectKind::decode:
    case ObjectKind::hash:
    case ObjectKind::regex: return true;
    default: return false;
  }
}

}  // namespace opensips::routing
