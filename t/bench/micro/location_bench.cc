#include <benchmark/benchmark.h>
#include <malloc.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "l1_parser/message.hh"
#include "l6_location/aor.hh"
#include "l6_location/aor_table.hh"
#include "l6_location/registrar.hh"
#include "l6_location/target_groups.hh"

namespace opensips::location {
namespace {

constexpr std::uint64_t kNow = 1'000'000;
constexpr std::uint64_t kForever = std::uint64_t{1} << 60;
constexpr std::string_view kCallId = "f81d4fae-7dec-11d0-a765-00a0c91e6bf6@10.20.30.40";
constexpr std::string_view kUserAgent = "Yealink SIP-T46S 66.85.0.5 805ec0123456";

std::string aor_text(std::uint64_t n) {
  return "10" + std::to_string(n) + "@pbx.example.com";
}

std::string contact_text(std::uint64_t n) {
  return "sip:10" + std::to_string(n) + "@10.20.30.40:5060;transport=udp;line=8f3a6b21";
}

BindingRef make_binding(std::uint64_t n, std::uint64_t expires_at) {
  const std::string contact = contact_text(n);
  return Binding::make(
      {.contact = contact,
       .host = std::string_view(contact).substr(contact.find('@') + 1, 11),
       .params = "+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-805ec0123456>\"",
       .call_id = kCallId,
       .user_agent = kUserAgent,
       .received = {},
       .expires_at = expires_at,
       .modified_at = kNow,
       .cseq = 1,
       .contact_key = contact_key(*parser::Uri::parse(contact)),
       .q = kHighestQ});
}

struct Filled {
  AorTable table;
  double bytes_per_contact = 0;
};

/// One contact per AoR. Kept for the benchmarks that follow.
Filled& filled(std::uint64_t contacts) {
  static std::map<std::uint64_t, Filled> tables;
  Filled& filled = tables[contacts];
  if (filled.table.contacts() != 0) return filled;
  const std::size_t before = mallinfo2().uordblks;
  for (std::uint64_t n = 0; n < contacts; ++n) {
    filled.table.update(aor_text(n), [&](BindingSetEdit& edit) {
      edit.insert(make_binding(n, kForever));
      return true;
    });
  }
  const double bytes = static_cast<double>(mallinfo2().uordblks - before);
  filled.bytes_per_contact = bytes / static_cast<double>(contacts);
  return filled;
}

AorTable& table_of(std::uint64_t contacts) {
  return filled(contacts).table;
}

/// Far apart, so that the caches do not help.
std::uint64_t next_of(std::uint64_t n, std::uint64_t contacts) {
  return (n + 7'368'787) % contacts;
}

std::vector<std::string> some_aors(std::uint64_t contacts) {
  std::vector<std::string> aors;
  std::uint64_t n = 0;
  for (int i = 0; i < 1 << 14; ++i) aors.push_back(aor_text(n = next_of(n, contacts)));
  return aors;
}

void find(benchmark::State& state) {
  const auto contacts = static_cast<std::uint64_t>(state.range(0));
  AorTable& table = table_of(contacts);
  const auto aors = some_aors(contacts);
  std::size_t i = 0;
  for (auto _ : state) {
    const auto set = table.find(aors[i++ % aors.size()]);
    benchmark::DoNotOptimize(set->bindings()[0]->contact().data()[0]);
  }
  state.counters["bytes/contact"] = filled(contacts).bytes_per_contact;
}
BENCHMARK(find)->Arg(1)->Arg(1'000'000);

void find_and_group(benchmark::State& state) {
  const auto contacts = static_cast<std::uint64_t>(state.range(0));
  AorTable& table = table_of(contacts);
  const auto aors = some_aors(contacts);
  std::size_t i = 0;
  for (auto _ : state) {
    const TargetGroups groups(table.find(aors[i++ % aors.size()]), kNow);
    benchmark::DoNotOptimize(groups[0][0].uri.data()[0]);
  }
}
BENCHMARK(find_and_group)->Arg(1)->Arg(1'000'000);

void find_nothing(benchmark::State& state) {
  AorTable& table = table_of(static_cast<std::uint64_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(table.find("nobody@pbx.example.com"));
}
BENCHMARK(find_nothing)->Arg(1)->Arg(1'000'000);

/// A refresh in the table alone: the binding made anew and the set published.
void refresh(benchmark::State& state) {
  const auto contacts = static_cast<std::uint64_t>(state.range(0));
  AorTable& table = table_of(contacts);
  const auto aors = some_aors(contacts);
  std::size_t i = 0;
  for (auto _ : state) {
    table.update(aors[i++ % aors.size()], [&](BindingSetEdit& edit) {
      const Binding& old = *edit.places()[0];
      edit.update(0, Binding::make({.contact = old.contact(),
                                    .host = old.host(),
                                    .params = old.params(),
                                    .call_id = old.call_id(),
                                    .user_agent = old.user_agent(),
                                    .received = old.received(),
                                    .expires_at = kForever,
                                    .modified_at = kNow,
                                    .cseq = old.cseq() + 1,
                                    .contact_key = old.contact_key(),
                                    .q = old.q()}));
      return true;
    });
  }
}
BENCHMARK(refresh)->Arg(1)->Arg(1'000'000);

base::Ref<parser::Message> register_message(std::uint64_t n, const std::string& call_id,
                                            const std::string& contacts) {
  const std::string uri = "sip:10" + std::to_string(n) + "@pbx.example.com";
  const std::string bytes =
      "REGISTER sip:pbx.example.com SIP/2.0\r\n"
      "Via: SIP/2.0/UDP 10.20.30.40:5060;branch=z9hG4bK2094711;rport\r\n"
      "From: <" +
      uri + ">;tag=3054\r\nTo: <" + uri + ">\r\n" + "Call-ID: " + call_id + std::string(kCallId) +
      "\r\nCSeq: 2 REGISTER\r\n" + contacts +
      "Max-Forwards: 70\r\nUser-Agent: " + std::string(kUserAgent) +
      "\r\nExpires: 3600\r\nContent-Length: 0\r\n\r\n";
  return parser::Message::parse(bytes, {}, {.line = 65536}).message;
}

/// A whole REGISTER that refreshes its binding, from the parsed message to the Contact line of the
/// answer.
void registrar_refresh(benchmark::State& state) {
  const auto contacts = static_cast<std::uint64_t>(state.range(0));
  Registrar registrar(table_of(contacts));
  // Of each two messages with other Call-IDs, that no earlier run had, the binding has the one's
  // when the other comes: none is out of order.
  static int runs = 0;
  const std::string run = std::to_string(++runs);
  std::vector<std::pair<base::Ref<parser::Message>, base::Ref<parser::Message>>> requests;
  std::uint64_t n = 0;
  for (std::uint64_t i = 0; i < std::min<std::uint64_t>(contacts, 1 << 13); ++i) {
    n = next_of(n, contacts);
    const std::string contact = "Contact: <" + contact_text(n) + ">\r\n";
    requests.emplace_back(register_message(n, run + "a", contact),
                          register_message(n, run + "b", contact));
  }
  std::size_t i = 0;
  for (auto _ : state) {
    const auto& pair = requests[i / 2 % requests.size()];
    const auto& request = i++ % 2 == 0 ? *pair.first : *pair.second;
    std::array<char, kMaxAor> aor;
    const auto outcome = registrar.process(request, *aor_of(*request.to().uri(), aor), {}, kNow);
    if (outcome.code != 200) state.SkipWithError("refused");
  }
}
BENCHMARK(registrar_refresh)->Arg(1)->Arg(1'000'000);

/// The same by a thousand contacts of one AoR in one request: first all different users, then the
/// worst that a client can think of, the same user with parameters that make each comparison a real
/// one.
void registrar_thousand(benchmark::State& state) {
  std::string lines;
  for (int i = 0; i < 1000; ++i) {
    const std::string n = std::to_string(i);
    lines += state.range(0) == 0 ? "Contact: <sip:u" + n + "@10.20.30.40:5060>\r\n"
                                 : "Contact: <sip:u@10.20.30.40:5060;p=" + n + ">\r\n";
  }
  const auto request = parser::Message::parse(std::string(register_message(1, "1", lines)->raw()),
                                              {}, {.headers = 2000, .line = 65536});
  for (auto _ : state) {
    AorTable table(1);
    Registrar registrar(table);
    const auto outcome = registrar.process(*request.message, "a@b", {.max_contacts = 0}, kNow);
    if (outcome.code != 200) state.SkipWithError("refused");
  }
}
BENCHMARK(registrar_thousand)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

void aor_of_uri(benchmark::State& state) {
  const auto uri = *parser::Uri::parse("sip:10012345@PBX.example.com;transport=udp");
  std::array<char, kMaxAor> text;
  for (auto _ : state) benchmark::DoNotOptimize(aor_of(uri, text));
}
BENCHMARK(aor_of_uri);

/// A whole sweep over a table in which nothing has expired, per contact.
void sweep(benchmark::State& state) {
  AorTable& table = table_of(static_cast<std::uint64_t>(state.range(0)));
  for (auto _ : state) table.expire(kNow, 1000);
  state.SetLabel("budget 1000");
}
BENCHMARK(sweep)->Arg(1'000'000);

}  // namespace
}  // namespace opensips::location
