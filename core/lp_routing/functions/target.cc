#include "lp_routing/functions/target.hh"

#include <fmt/format.h>

#include "l1_parser/uri.hh"
#include "l3_dialog/forward.hh"
#include "lp_routing/functions/flow_text.hh"
#include "lp_routing/functions/printed.hh"
#include "lp_routing/functions/program.hh"
#include "lp_routing/functions/services.hh"
#include "lp_routing/functions/table.hh"

namespace opensips::routing {
namespace {

struct TargetFields {
  std::string_view uri;
  std::string_view flow;
  std::string_view next_hop;
  std::string_view path;
  std::string_view socket;
  bool no_connect = false;
  double q = 1;
};

}  // namespace

template <>
struct OptionTable<TargetFields> {
  static constexpr std::tuple fields{
      Option<TargetFields, std::string_view>{"uri", &TargetFields::uri, "the Request-URI"},
      Option<TargetFields, std::string_view>{"flow", &TargetFields::flow,
                                             "how to reach it, from a lookup"},
      Option<TargetFields, std::string_view>{"next_hop", &TargetFields::next_hop,
                                             "a URI to send to, the Request-URI stays"},
      Option<TargetFields, std::string_view>{
          "path", &TargetFields::path,
          "proxies on the way, from a lookup: Route headers (RFC 3327)"},
      Option<TargetFields, std::string_view>{"socket", &TargetFields::socket,
                                             "the socket of ours to send from"},
      Option<TargetFields, bool>{"no_connect", &TargetFields::no_connect,
                                 "open no connection to it"},
      Option<TargetFields, double>{"q", &TargetFields::q, "ignored, lookups give it"}};
};

namespace {

class TargetReader {
 public:
  TargetReader(const Call& call, std::size_t most, Targets& to)
      : call_(call), most_(most), to_(to) {}

  bool read(const Value& value) {
    if (const auto* list = value.get<Value::List>()) {
      for (const Value& one : *list) {
        if (one.get<Value::List>())
          return fail("a list of targets inside a list: fork takes one group");
        if (!read(one)) return false;
      }
      return true;
    }
    if (const auto* map = value.get<Value::Map>()) return map->empty() || read_table(value);
    std::string_view room;
    if (const auto* text = value.text(room)) return add(*text, {});
    if (const auto* object = value.get<Object>()) return read_object(*object);
    return fail("a target is a URI or a table {uri = …}");
  }

  Value wrong;

 private:
  bool read_table(const Value& value) {
    TargetFields fields;
    std::string why;
    if (!Argument<TargetFields>::from(value, fields, why)) {
      return fail(why.empty() ? "expected a target" : why);
    }
    Target target{.uri = {},
                  .flow = {},
                  .next_hop = kept(fields.next_hop),
                  .no_connect = fields.no_connect,
                  .path = kept(fields.path)};
    if (!fields.flow.empty()) {
      target.flow = parse_flow(fields.flow);
      if (!target.flow || call_.services->socket_name(target.flow->socket).empty()) {
        return fail(fmt::format("\"{:.80}\" is no flow", fields.flow));
      }
    }
    if (!fields.next_hop.empty() && !parser::Uri::parse(fields.next_hop)) {
      return fail(fmt::format("next_hop \"{:.80}\" is no URI", fields.next_hop));
    }
    if (!fields.socket.empty()) {
      const auto socket = call_.services->find_socket(fields.socket);
      if (!socket) return fail(fmt::format("the server has no socket \"{:.80}\"", fields.socket));
      target.socket = *socket;
    }
    if (!fields.path.empty() && dialog::first_hop(fields.path).empty()) {
      return fail(fmt::format("path \"{:.80}\" is no list of URIs", fields.path));
    }
    return add(fields.uri, target);
  }

  bool read_object(const Object& object) {
    if (object.run != call_.self.run) return fail("the object is of another request");
    if (object.kind != ObjectKind::uri) {
      return fail(fmt::format("a {} is no target", call_.program.functions().name(object.kind)));
    }
    return add(printed(call_, object), {});
  }

  bool add(std::string_view text, const Target& target) {
    const auto uri = parser::Uri::parse(text.size() > kMaxLine ? "" : kept(text));
    if (!uri) return fail(fmt::format("\"{:.80}\" is no URI", text));
    if (to_.size() == most_) return fail(fmt::format("more than {} target(s)", most_));
    to_.push_back(target);
    to_.back().uri = *uri;
    return true;
  }

  /// The program may change its table, and forget the text, while a branch is about to be sent.
  std::string_view kept(std::string_view text) const {
    return text.empty() ? text : call_.run->request->arena().copy(text);
  }

  bool fail(std::string_view what) {
    wrong = Misuse{fmt::format("{}: {}", call_.function.full_name(), what)};
    return false;
  }

  const Call& call_;
  std::size_t most_;
  Targets& to_;
};

}  // namespace

bool Argument<TargetArgument>::from(const Value& value, TargetArgument& to, std::string&) {
  std::string_view room;
  if (!value.text(room) && !value.get<Value::Map>() && !value.get<Value::List>() &&
      !value.get<Object>()) {
    return false;
  }
  to.value = &value;
  return true;
}

bool read_targets(const Call& call, const Value& value, std::size_t most, Targets& to,
                  Value& wrong) {
  TargetReader reader(call, most, to);
  if (reader.read(value)) return true;
  wrong = std::move(reader.wrong);
  return false;
}

}  // namespace opensips::routing
