#include "lp_routing/recording/dns_json.hh"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

namespace opensips::routing::recording {
namespace {

using transport::DnsAnswer;
using transport::DnsQuestion;
using transport::DnsType;
using transport::NaptrRecord;
using transport::SrvRecord;

constexpr DnsType kTypes[] = {DnsType::a, DnsType::aaaa, DnsType::srv, DnsType::naptr};

/// The number in a list of numbers and texts; nothing if there is none, or too large a one.
std::optional<std::uint16_t> number(const Json& list, std::size_t place) {
  if (place >= list.size() || !list[place].is_number_unsigned()) return std::nullopt;
  const auto value = list[place].get<std::uint64_t>();
  return value > UINT16_MAX ? std::nullopt : std::optional(static_cast<std::uint16_t>(value));
}

std::string text(const Json& list, std::size_t place) {
  if (place >= list.size() || !list[place].is_string()) return {};
  return list[place].get<std::string>();
}

bool read_records(const Json& json, DnsAnswer& to) {
  for (const Json& one : json.value("addresses", Json::array())) {
    const auto address = one.is_string() ? base::Address::parse(one.get<std::string>(), 0)
                                         : std::optional<base::Address>();
    if (!address) return false;
    to.addresses.push_back(*address);
  }
  for (const Json& one : json.value("services", Json::array())) {
    const auto priority = number(one, 0), weight = number(one, 1), port = number(one, 2);
    if (!priority || !weight || !port) return false;
    to.services.push_back({*priority, *weight, *port, text(one, 3)});
  }
  for (const Json& one : json.value("pointers", Json::array())) {
    const auto order = number(one, 0), preference = number(one, 1);
    if (!order || !preference) return false;
    to.pointers.push_back({*order, *preference, text(one, 2), text(one, 3)});
  }
  return true;
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
  if (status == json.end() || !status->is_number_unsigned() || status->get<unsigned>() > kLast) {
    return std::nullopt;
  }
  DnsAnswer answer;
  answer.status = static_cast<DnsAnswer::Status>(status->get<unsigned>());
  if (const auto alias = json.find("alias"); alias != json.end() && alias->is_string()) {
    answer.alias = alias->get<std::string>();
  }
  if (!read_records(json, answer)) return std::nullopt;
  return answer;
}

}  // namespace opensips::routing::recording
