#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "l0_transport/dns_answer.hh"

namespace opensips::transport::dns {

inline std::string u16(unsigned value) {
  return {static_cast<char>(value >> 8), static_cast<char>(value)};
}

inline std::string u32(std::uint32_t value) {
  return u16(value >> 16) + u16(value & 0xffff);
}

/// As the network has it, without compression.
inline std::string name(std::string_view text) {
  std::string bytes;
  while (!text.empty()) {
    const auto label = text.substr(0, text.find('.'));
    bytes += static_cast<char>(label.size());
    bytes += label;
    text.remove_prefix(std::min(label.size() + 1, text.size()));
  }
  return bytes + std::string(1, '\0');
}

inline std::string text(std::string_view value) {
  return std::string(1, static_cast<char>(value.size())).append(value);
}

inline std::string pointer(unsigned to) {
  return u16(0xc000 | to);
}

/// A record of the owner, whose name is in bytes.
inline std::string record(const std::string& owner, DnsType type, const std::string& data,
                          std::uint32_t ttl = 60) {
  return owner + u16(static_cast<unsigned>(type)) + u16(1) + u32(ttl) +
         u16(static_cast<unsigned>(data.size())) + data;
}

inline std::string srv(unsigned priority, unsigned weight, unsigned port, std::string_view target) {
  return u16(priority) + u16(weight) + u16(port) + name(target);
}

inline std::string naptr(unsigned order, unsigned preference, std::string_view flags,
                         std::string_view service, std::string_view replacement) {
  return u16(order) + u16(preference) + text(flags) + text(service) + text("") + name(replacement);
}

inline std::string soa(std::uint32_t minimum) {
  return name("ns.example") + name("root.example") + u32(1) + u32(2) + u32(3) + u32(4) +
         u32(minimum);
}

inline constexpr unsigned kQuestionAt = 12;

/// A whole message: the question, answers, authority.
inline std::string message(const DnsQuestion& question, const std::vector<std::string>& answers,
                           const std::vector<std::string>& authority = {},
                           unsigned flags = 0x8180) {
  std::string bytes = u16(7) + u16(flags) + u16(1) + u16(static_cast<unsigned>(answers.size())) +
                      u16(static_cast<unsigned>(authority.size())) + u16(0);
  bytes += name(question.name) + u16(static_cast<unsigned>(question.type)) + u16(1);
  for (const auto& one : answers) bytes += one;
  for (const auto& one : authority) bytes += one;
  return bytes;
}

}  // namespace opensips::transport::dns
