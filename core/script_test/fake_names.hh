#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "l0_transport/name_servers.hh"

namespace opensips::transport {

/// Name servers that say what the test wants, when it wants; of other names that there are none.
class FakeNames final : public NameServers {
 public:
  void ask(const DnsQuestion& question, Answered answered) override {
    asked.push_back(std::string(to_string(question.type)) + " " + question.name);
    waiting_.emplace_back(question, std::move(answered));
  }

  void address(const std::string& name, const std::string& address, std::uint32_t ttl = 60) {
    const auto parsed = *base::Address::parse(address, 0);
    auto& answer = found(name, parsed.is_v6() ? DnsType::aaaa : DnsType::a, ttl);
    answer.addresses.push_back(parsed);
  }
  void service(const std::string& name, const SrvRecord& record) {
    found(name, DnsType::srv, 60).services.push_back(record);
  }
  void pointer(const std::string& name, const NaptrRecord& record) {
    found(name, DnsType::naptr, 60).pointers.push_back(record);
  }
  void failure(const std::string& name, DnsType type, DnsAnswer::Status status) {
    DnsAnswer answer;
    answer.status = status;
    zone_.insert_or_assign({name, type}, answer);
  }
  /// Whatever was said of it before.
  void set(const DnsQuestion& question, const DnsAnswer& answer) {
    zone_.insert_or_assign({question.name, question.type}, answer);
  }
  void alias(const std::string& name, DnsType type, const std::string& to) {
    DnsAnswer answer;
    answer.status = DnsAnswer::Status::alias;
    answer.alias = to;
    answer.ttl = 60;
    zone_.insert_or_assign({name, type}, answer);
  }

  /// Answers what is on its way, and what that leads to.
  void answer() {
    while (answer_one()) {
    }
  }
  bool answer_one() {
    if (waiting_.empty()) return false;
    auto [question, answered] = std::move(waiting_.front());
    waiting_.pop_front();
    const auto known = zone_.find({question.name, question.type});
    DnsAnswer none;
    none.status = DnsAnswer::Status::no_name;
    none.ttl = 60;
    if (known == zone_.end() && on_unknown) on_unknown(question);
    answered(known == zone_.end() ? none : known->second);
    return true;
  }
  bool is_asked() const { return !waiting_.empty(); }
  /// Something is known of the name, or of a service of it.
  bool knows(std::string_view name) const {
    return std::ranges::any_of(
        zone_, [name](const auto& one) { return host_of(one.first.first) == host_of(name); });
  }
  /// "example.com" of "_sip._udp.example.com".
  static std::string_view host_of(std::string_view name) {
    while (name.starts_with('_')) {
      const auto dot = name.find('.');
      if (dot == std::string_view::npos) break;
      name.remove_prefix(dot + 1);
    }
    return name;
  }
  /// Hears of questions that nothing is known for, before they are answered.
  std::function<void(const DnsQuestion&)> on_unknown;
  std::vector<std::string> take_asked() { return std::exchange(asked, {}); }

  std::vector<std::string> asked;  // "SRV _sip._udp.example"

 private:
  DnsAnswer& found(const std::string& name, DnsType type, std::uint32_t ttl) {
    auto& answer = zone_[{name, type}];
    answer.status = DnsAnswer::Status::found;
    answer.ttl = ttl;
    return answer;
  }
  std::map<std::pair<std::string, DnsType>, DnsAnswer> zone_;
  std::deque<std::pair<DnsQuestion, Answered>> waiting_;
};

}  // namespace opensips::transport
