#include "lp_routing/recording/dns_json.hh"

#include <algorithm>
#include <tuple>
#include <utility>

#include <fmt/format.h>

namespace opensips::routing::recording {
namespace {

using transport::DnsAnswer;
using transport::DnsQuestion;
using transport::DnsType;
using transport::NaptrRecord;
using transport::SrvRecord;

constexpr DnsType kTypes[] = {DnsType::a, DnsType::aaaa, DnsType::srv, DnsType::naptr};

/// The number in a list of numbers and texts; nothing if there is none, or too large a one, or if
/// it is no list.
std::optional<std::uint16_t> number(const Json& list, std::size_t place) {
  if (!list.is_array() || place >= list.size() || !list[place].is_number_unsigned()) {
    return std::nullopt;
  }
  const auto value = list[place].get<std::uint64_t>();
  return value > UINT16_MAX ? std::nullopt : std::optional(static_cast<std::uint16_t>(value));
}

std::optional<std::string> text(const Json& list, std::size_t place) {
  if (!list.is_array() || place >= list.size()) return std::nullopt;
  return bytes_of(list[place]);
}

/// Reads each of the member's; there are none if there is no such member. False: one is not right.
template <class Read>
bool read_each(const Json& json, const char* name, Read read) {
  const auto found = json.find(name);
  if (found == json.end()) return true;
  return found->is_array() && std::ranges::all_of(*found, read);
}

bool read_address(const Json& one, DnsAnswer& to) {
  if (!one.is_string()) return false;
  const auto address = base::Address::parse(one.get_ref<const std::string&>(), 0);
  if (address) to.addresses.push_back(*address);
  return address.has_value();
}

bool read_service(const Json& one, DnsAnswer& to) {
  const auto priority = number(one, 0), weight = number(one, 1), port = number(one, 2);
  auto target = text(one, 3);
  if (!priority || !weight || !port || !target) return false;
  to.services.push_back({*priority, *weight, *port, *std::move(target)});
  return true;
}

bool read_pointer(const Json& one, DnsAnswer& to) {
  const auto order = number(one, 0), preference = number(one, 1);
  auto service = text(one, 2), replacement = text(one, 3);
  if (!order || !preference || !service || !replacement) return false;
  to.pointers.push_back({*order, *preference, *std::move(service), *std::move(replacement)});
  return true;
}

bool read_records(const Json& json, DnsAnswer& to) {
  return read_each(json, "addresses", [&](const Json& one) { return read_address(one, to); }) &&
         read_each(json, "services", [&](const Json& one) { return read_service(one, to); }) &&
         read_each(json, "pointers", [&](const Json& one) { return read_pointer(one, to); });
}

}  // namespace

std::string dns_question_text(const DnsQuestion& question) {
  return fmt::format("{} {}", to_string(question.type), question.name);
}

std::optional<DnsQuestion> dns_question_of(std::string_view given) {
  const auto blank = given.find(' ');
  if (blank == std::string_view::npos) return std::nullopt;
  for (const auto type : kTypes) {
    if (given.substr(0, blank) == to_string(type)) {
      return DnsQuestion{std::string(given.substr(blank + 1)), type};
    }
  }
  return std::nullopt;
}

bool is_same(const DnsAnswer& one, const DnsAnswer& other) {
  const auto same_service = [](const SrvRecord& a, const SrvRecord& b) {
    return std::tie(a.priority, a.weight, a.port, a.target) ==
           std::tie(b.priority, b.weight, b.port, b.target);
  };
  const auto same_pointer = [](const NaptrRecord& a, const NaptrRecord& b) {
    return std::tie(a.order, a.preference, a.service, a.replacement) ==
           std::tie(b.order, b.preference, b.service, b.replacement);
  };
  return one.status == other.status && one.alias == other.alias &&
         one.addresses == other.addresses &&
         std::ranges::equal(one.services, other.services, same_service) &&
         std::ranges::equal(one.pointers, other.pointers, same_pointer);
}

Json to_json(const DnsAnswer& answer) {
  Json json{{"status", static_cast<unsigned>(answer.status)},
            {"says", std::string(to_string(answer.status))}};
  if (!answer.alias.empty()) json["alias"] = bytes_to_json(answer.alias);
  for (const auto& one : answer.addresses) json["addresses"].push_back(one.bare_host());
  for (const auto& one : answer.services) {
    json["services"].push_back(
        Json::array({one.priority, one.weight, one.port, bytes_to_json(one.target)}));
  }
  for (const auto& one : answer.pointers) {
    json["pointers"].push_back(Json::array(
        {one.order, one.preference, bytes_to_json(one.service), bytes_to_json(one.replacement)}));
  }
  return json;
}

std::optional<DnsAnswer> dns_answer_of(const Json& json) {
  if (!json.is_object()) return std::nullopt;
  const auto status = json.find("status");
  constexpr auto kLast = static_cast<unsigned>(DnsAnswer::Status::busy);
  if (status == json.end() || !status->is_number_unsigned() ||
      status->get<std::uint64_t>() > kLast) {
    return std::nullopt;
  }
  DnsAnswer answer;
  answer.status = static_cast<DnsAnswer::Status>(status->get<unsigned>());
  if (const auto alias = json.find("alias"); alias != json.end()) {
    auto name = bytes_of(*alias);
    if (!name) return std::nullopt;
    answer.alias = *std::move(name);
  }
  if (!read_records(json, answer)) return std::nullopt;
  return answer;
}

}  // namespace opensips::routing::recording
