#include "lp_routing/recording/call_record.hh"

#include <functional>
#include <utility>

#include "loop/context.hh"
#include "lp_routing/functions/flow_text.hh"
#include "lp_routing/functions/printed.hh"
#include "lp_routing/functions/program.hh"

namespace opensips::routing::recording {
namespace {

/// An argument that is an object: the text of what is meant, of a request its Request-URI.
Json object_text(const Call& call, const Object& object) {
  if (object.kind == ObjectKind::response) return Json{{"$object", "response"}};
  Object shown = object;
  if (object.kind == ObjectKind::request) {
    shown.kind = ObjectKind::uri;
    shown.part = Object::Part::request_uri;
  }
  return Json{{"$object", bytes_to_json(printed(call, shown))}};
}

/// A result that is an object of a module's.
Json own_object(const Call& call, const Object& object) {
  return Json{{"$object", std::string(call.program.functions().name(object.kind))},
              {"place", object.place}};
}

/// What a method is called for, where the arguments alone do not say what is asked.
std::string owner(const Call& call) {
  const bool has_name = call.self.kind == ObjectKind::shared || call.function.owner.module;
  if (call.function.kind == Function::Kind::function || !has_name) return {};
  return printed(call, call.self);
}

}  // namespace

Json question(Call& call, std::span<const Value> arguments) {
  const auto text = [&](const Object& object) { return object_text(call, object); };
  Json with = Json::array();
  if (auto self = owner(call); !self.empty()) with.push_back(bytes_to_json(self));
  for (const Value& argument : arguments) with.push_back(to_json(argument, text));
  return Json{{"asks", call.function.full_name()}, {"with", std::move(with)}};
}

void CallRecord::add(Json line) {
  if (lost_) return;
  Json whole{{"call", bytes_to_json(call_id_)}};
  whole.update(line);
  if (recording_->add(context_.now(), std::move(whole))) return;
  lost_ = true;
  recording_->lost(call_id_);
  sent_ = {};
  doing_ = {};
}

void CallRecord::received(std::string_view bytes, const base::Flow& from) {
  if (lost_) return;
  add({{"in", bytes_to_json(bytes)}, {"from", flow_text(from)}});
}

void CallRecord::sent(std::string_view bytes, const base::Flow& to) {
  if (lost_) return;
  if (!sent_.insert(std::hash<std::string_view>()(bytes)).second) return;
  add({{"out", bytes_to_json(bytes)}, {"to", flow_text(to)}, {"at", bytes_to_json(place_)}});
}

void CallRecord::finish(Doing& doing, Json& line) {
  if (doing.edits) doing.did.update(doing.edits->changes());
  if (!doing.did.empty()) line["did"] = std::move(doing.did);
}

Value CallRecord::call(Call& call, std::span<const Value> arguments) {
  if (lost_) return call.function.thunk(call, arguments);
  Json line = question(call, arguments);
  line["at"] = bytes_to_json(place_);
  const auto run = call.run->id.bits;
  Doing& begun = doing_[run] = {};
  if (call.run->request) begun.edits.emplace(*call.run->request);
  Value result = call.function.thunk(call, arguments);
  auto doing = doing_.extract(run);
  if (!doing) return result;  // the call was lost in the meantime
  if (result.get<Value::Wait>()) {
    line["n"] = doing.mapped().number = ++questions_;
    doing_.insert(std::move(doing));
    add(std::move(line));
    return result;
  }
  line["gave"] = to_json(result, [&](const Object& object) { return own_object(call, object); });
  finish(doing.mapped(), line);
  add(std::move(line));
  return result;
}

Value CallRecord::woken(Run& run, Value result) {
  const auto doing = doing_.extract(run.id.bits);
  if (!doing) return result;  // it waited in a function that is none of ours
  Json line{{"n", doing.mapped().number}};
  line["gave"] = to_json(result, [](const Object&) { return Json(); });
  finish(doing.mapped(), line);
  add(std::move(line));
  return result;
}

void CallRecord::replied(const Run& run, unsigned code, std::string_view reason,
                         const ReplyOptions& options) {
  const auto doing = doing_.find(run.id.bits);
  if (doing == doing_.end()) return;
  doing->second.did["reply"] = reply_to_json(code, reason, options);
}

void CallRecord::dropped(const Run& run) {
  const auto doing = doing_.find(run.id.bits);
  if (doing != doing_.end()) doing->second.did["dropped"] = true;
}

}  // namespace opensips::routing::recording
