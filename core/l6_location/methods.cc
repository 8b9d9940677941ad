#include "l6_location/methods.hh"

#include <algorithm>
#include <array>

#include "l1_parser/name_addr.hh"
#include "l6_location/binding.hh"

namespace opensips::location {
namespace {

/// In the order of their bits.
constexpr std::array<std::string_view, 14> kMethods{
    "INVITE",   "CANCEL",  "ACK",       "BYE",    "INFO",  "OPTIONS", "UPDATE",
    "REGISTER", "MESSAGE", "SUBSCRIBE", "NOTIFY", "PRACK", "REFER",   "PUBLISH"};

}  // namespace

std::uint32_t method_bit(std::string_view method) {
  const auto found = std::ranges::find(kMethods, method);
  return 1U << (found - kMethods.begin());
}

std::uint32_t method_bits(std::string_view list) {
  if (list.size() >= 2 && list.front() == '"' && list.back() == '"') {
    list = list.substr(1, list.size() - 2);
  }
  std::uint32_t bits = 0;
  parser::ValueList methods(list);
  while (const auto method = methods.next()) bits |= method_bit(*method);
  return bits != 0 ? bits : kAllMethods;
}

}  // namespace opensips::location
