#include "l6_location/registrar.hh"

#include <algorithm>
#include <utility>

#include "l4_nat/behind_nat.hh"
#include "l6_location/contact_lines.hh"
#include "l6_location/instance.hh"

namespace opensips::location {
namespace {

using Refusal = RegisterRequest::Refusal;

// Out of the way of what is done for every REGISTER.
[[gnu::cold]] Refusal refusal_of(std::uint16_t code, std::string_view reason) {
  return {code, reason, {}};
}

/// As much of a User-Agent as the location table of the database takes.
constexpr std::size_t kMaxUserAgent = 255;

ExpiresLimits limits_of(const ExpiresLimits& all, const SaveOptions& save) {
  return {save.default_expires.value_or(all.default_expires),
          save.min_expires.value_or(all.min_expires), save.max_expires.value_or(all.max_expires)};
}

std::string_view user_agent_of(const parser::Message& request) {
  const std::size_t at = request.find(parser::HeaderName::user_agent);
  if (at == request.headers().size()) return {};
  return request.value(request.headers()[at]).substr(0, kMaxUserAgent);
}

/// As leads_elsewhere() of binding.hh, of how the request came: for the host of its Via that has
/// been found out.
bool leads_elsewhere(const parser::Uri& contact, const parser::Message& request) {
  const auto& source = request.source();
  return source.peer &&
         (base::is_websocket(source.transport) || nat::is_elsewhere(request, contact.host));
}

/// How it came. Many a client behind a NAT learns from the first answer where it is seen, and names
/// that in its Contact: what its Via says is remembered, since the way has to be kept open.
/// `elsewhere`: the contact names another host than the request came from.
base::Flow way_of(const parser::Message& request, const parser::Uri& contact, bool elsewhere) {
  auto flow = request.source();
  const auto host = elsewhere && contact.is_sip() ? contact.host : std::string_view();
  if (nat::is_behind_nat(request, host)) flow.no_connect = true;
  return flow;
}

/// Values in one request: room to swap all contacts for others, and little work for who sends
/// nonsense.
std::size_t most_values(std::uint32_t max_contacts) {
  if (max_contacts == 0) return RegisterRequest::kMaxContacts;
  return std::min<std::size_t>(2 * std::size_t{max_contacts} + 10, RegisterRequest::kMaxContacts);
}

/// One REGISTER applied to one state of its AoR. Made anew for each try.
class Attempt {
 public:
  struct Rules {
    std::uint32_t max_contacts;
    std::uint16_t default_q;
    bool overwrite;
    std::uint64_t now_ms;
    ContactMatch match = ContactMatch::uri;
    std::string_view match_param = {};
  };

  Attempt(const parser::Message& request, const Rules& rules, BindingSetEdit& edit)
      : request_(request), rules_(rules), edit_(edit) {}

  /// The answer if it cannot be done.
  std::optional<Refusal> apply(const RegisterRequest& asked) {
    edit_.expire(rules_.now_ms);
    if (asked.wildcard) return remove_all();
    if (auto refusal = check_flows(asked)) return refusal;
    if (asked.contacts.empty()) return std::nullopt;
    const auto user_agent = user_agent_of(request_);
    const auto& first = asked.contacts.front();
    const bool elsewhere = leads_elsewhere(first.uri, request_);
    const auto way = way_of(request_, first.uri, elsewhere);
    for (const auto& contact : asked.contacts) {
      const bool behind_nat =
          way.no_connect ||
          (&contact == &first ? elsewhere : leads_elsewhere(contact.uri, request_));
      if (auto refusal = apply(asked, contact, user_agent, way, behind_nat)) return refusal;
    }
    return keep_to_limit();
  }

 private:
  std::optional<Refusal> remove_all() {
    for (std::size_t i = 0; i < edit_.places().size(); ++i) {
      if (!edit_.places()[i]) continue;
      if (is_out_of_order(i)) return out_of_order();
      edit_.remove(i);
    }
    return std::nullopt;
  }

  /// RFC 5626 6.
  static std::optional<Refusal> check_flows(const RegisterRequest& asked) {
    const auto flows = std::ranges::count_if(asked.contacts, [&](const auto& contact) {
      return contact.expires != 0 && asked.is_flow(contact);
    });
    if (flows > 1) return refusal_of(400, "Several Flows In One Request");
    if (flows == 1 && !asked.first_hop_keeps_flows) {
      return refusal_of(439, "First Hop Lacks Outbound Support");
    }
    return std::nullopt;
  }

  std::optional<Refusal> apply(const RegisterRequest& asked,
                               const RegisterRequest::Contact& contact, std::string_view user_agent,
                               const base::Flow& way, bool behind_nat) {
    const std::size_t place = asked.is_flow(contact) ? find_flow(contact) : find(contact);
    const bool known = place < edit_.places().size();
    if (known && is_out_of_order(place)) return out_of_order();
    if (contact.expires == 0) {
      if (known) edit_.remove(place);
      return std::nullopt;
    }
    auto binding = Binding::make({
        .contact = contact.uri.text,
        .host = contact.uri.host,
        .params = contact.params,
        .call_id = request_.call_id(),
        .user_agent = user_agent,
        .path = asked.path,
        .received = way,
        .expires_at = rules_.now_ms + std::uint64_t{contact.expires} * 1000,
        .modified_at = rules_.now_ms,
        .cseq = request_.cseq().number,
        .contact_key = contact.key,
        .q = contact.q.value_or(rules_.default_q),
        .methods = contact.methods,
        .behind_nat = behind_nat,
        .id = known ? edit_.places()[place]->id() : new_contact_id(),
    });
    if (!binding) return refusal_of(400, "Contact Too Long");
    if (known) {
      edit_.update(place, std::move(binding));
    } else {
      edit_.insert(std::move(binding));
      grows_ = true;
    }
    return std::nullopt;
  }

  std::size_t find(const RegisterRequest::Contact& contact) const {
    const auto places = edit_.places();
    for (std::size_t i = 0; i < places.size(); ++i) {
      if (places[i] && is_same(*places[i], contact)) return i;
    }
    return places.size();
  }

  bool is_same(const Binding& binding, const RegisterRequest::Contact& contact) const {
    if (rules_.match == ContactMatch::param) {
      const auto wanted = contact.uri.param(rules_.match_param);
      const auto uri = parser::Uri::parse(binding.contact());
      if (wanted && uri) return uri->param(rules_.match_param) == wanted;
    }
    if (rules_.match == ContactMatch::call_id && binding.call_id() != request_.call_id()) {
      return false;
    }
    return binding.is_for(contact.uri, contact.key);
  }

  /// The flow of the same device and number, whatever its URI.
  std::size_t find_flow(const RegisterRequest::Contact& contact) const {
    const auto wanted = instance_of(contact.params);
    const auto places = edit_.places();
    std::size_t place = 0;
    while (place < places.size() &&
           !(places[place] && instance_of(places[place]->params()) == wanted)) {
      ++place;
    }
    return place;
  }

  /// A binding that this very request made is not older than itself: the last of two equal contacts
  /// counts.
  bool is_out_of_order(std::size_t place) const {
    const Binding& binding = *edit_.places()[place];
    return !edit_.changed(place) && binding.call_id() == request_.call_id() &&
           request_.cseq().number <= binding.cseq();
  }

  static Refusal out_of_order() { return refusal_of(500, "Out of Order"); }

  /// A lowered limit does not stop anyone from refreshing what he has.
  std::optional<Refusal> keep_to_limit() {
    if (rules_.max_contacts == 0 || !grows_) return std::nullopt;
    while (edit_.size() > rules_.max_contacts) {
      const std::size_t oldest = rules_.overwrite ? oldest_place() : edit_.places().size();
      if (oldest == edit_.places().size()) return refusal_of(403, "Too Many Contacts");
      edit_.remove(oldest);
    }
    return std::nullopt;
  }

  /// The one that was not refreshed for the longest time; none of this request's.
  std::size_t oldest_place() const {
    const auto places = edit_.places();
    std::size_t oldest = places.size();
    for (std::size_t i = 0; i < places.size(); ++i) {
      if (!places[i] || edit_.changed(i)) continue;
      if (oldest == places.size() || places[i]->modified_at() < places[oldest]->modified_at()) {
        oldest = i;
      }
    }
    return oldest;
  }

  const parser::Message& request_;
  const Rules& rules_;
  BindingSetEdit& edit_;
  bool grows_ = false;
};

/// What the client learns of the extensions that were used. `flow_timer`: in seconds, 0 is none.
void append_extensions(std::string& to, const RegisterRequest& asked, std::uint32_t flow_timer) {
  if (!asked.path.empty() && asked.supports_path) to += "Path: " + asked.path + "\r\n";
  const bool has_flow = std::ranges::any_of(asked.contacts, [&](const auto& contact) {
    return contact.expires != 0 && asked.is_flow(contact);
  });
  if (!has_flow) return;
  to += "Require: outbound\r\n";
  if (flow_timer != 0) to += "Flow-Timer: " + std::to_string(flow_timer) + "\r\n";
}

[[gnu::cold]] Refusal unsupported(std::string_view extension) {
  return {420, "Bad Extension", "Unsupported: " + std::string(extension) + "\r\n"};
}

/// What is not as the operator wants it of extensions; else `asked` is made as he wants it.
std::optional<Refusal> judge_extensions(RegisterRequest& asked, const RegistrarOptions& options,
                                        PathMode path) {
  if (asked.requires_gruu && !options.gives_gruus) return unsupported("gruu");
  if (path == PathMode::off) asked.path.clear();
  if (path == PathMode::strict && !asked.path.empty() && !asked.supports_path) {
    return unsupported("path");
  }
  if (options.outbound == OutboundMode::off) {
    if (asked.requires_outbound) return unsupported("outbound");
    asked.supports_outbound = false;
  }
  const bool registers =
      std::ranges::any_of(asked.contacts, [](const auto& contact) { return contact.expires != 0; });
  if (options.outbound == OutboundMode::required && registers && !asked.supports_outbound) {
    return Refusal{421, "Extension Required", "Require: outbound\r\nSupported: outbound\r\n"};
  }
  return std::nullopt;
}

}  // namespace

std::expected<RegisterRequest, Refusal> Registrar::read(const parser::Message& request,
                                                        const SaveOptions& save) const {
  const std::uint32_t max_contacts = save.max_contacts.value_or(options_.max_contacts);
  auto asked =
      RegisterRequest::parse(request, limits_of(options_.expires, save), most_values(max_contacts));
  if (!asked) return asked;
  if (auto refusal = judge_extensions(*asked, options_, save.path)) {
    asked = std::unexpected(std::move(*refusal));
  }
  return asked;
}

std::optional<Refusal> Registrar::apply(const RegisterRequest& asked,
                                        const parser::Message& request, const SaveOptions& save,
                                        std::uint64_t now_ms, BindingSetEdit& edit) const {
  const Attempt::Rules rules{save.max_contacts.value_or(options_.max_contacts),
                             options_.default_q,
                             save.overwrite.value_or(options_.overwrite),
                             now_ms,
                             save.match,
                             save.match_param};
  return Attempt(request, rules, edit).apply(asked);
}

Registrar::Outcome Registrar::process(const parser::Message& request, std::string_view aor,
                                      const SaveOptions& save, std::uint64_t now_ms) {
  auto asked = read(request, save);
  if (!asked) return refuse(std::move(asked.error()), table_.find(aor));
  if (asked->is_query()) return accept(*asked, table_.find(aor), now_ms);
  std::optional<Refusal> refusal;
  auto bindings = table_.update(aor, [&](BindingSetEdit& edit) {
    refusal = apply(*asked, request, save, now_ms, edit);
    return !refusal;
  });
  if (refusal) return refuse(std::move(*refusal), table_.find(aor));
  return accept(*asked, std::move(bindings), now_ms);
}

Registrar::Outcome Registrar::accept(const RegisterRequest& asked, BindingSetRef bindings,
                                     std::uint64_t now_ms) {
  accepted_.fetch_add(1, std::memory_order_relaxed);
  Outcome outcome;
  outcome.reason = "OK";
  append_extensions(outcome.headers, asked, options_.flow_timer);
  outcome.bindings = std::move(bindings);
  const bool with_gruus = asked.supports_gruu && options_.gives_gruus;
  outcome.listing = {now_ms, with_gruus ? &temporary_gruus_ : nullptr};
  return outcome;
}

Registrar::Outcome Registrar::refuse(Refusal refusal, BindingSetRef bindings) {
  rejected_.fetch_add(1, std::memory_order_relaxed);
  return {refusal.code, refusal.reason, std::move(refusal.headers), std::move(bindings), {}};
}

std::string_view Registrar::Outcome::lines(base::Arena& arena) const {
  if (!listing || !bindings) return arena.copy(headers);
  return contact_lines(arena, *bindings, listing->now_ms, listing->gruus, headers);
}

}  // namespace opensips::location
