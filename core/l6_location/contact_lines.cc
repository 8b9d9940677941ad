#include "l6_location/contact_lines.hh"

#include <charconv>
#include <cstring>
#include <string>
#include <vector>

#include "l6_location/instance.hh"

namespace opensips::location {
namespace {

/// More than a line has besides the texts of its binding.
constexpr std::size_t kLine = 64;

/// The device's GRUUs, for a client that knows of them (RFC 5627 5.3): one that says whose it is,
/// and one that does not.
std::string gruus_of(std::string_view aor, const Binding& binding,
                     const TemporaryGruus& temporary) {
  const auto instance = instance_of(binding.params()).id;
  const bool secure = binding.contact().starts_with("sips:");
  if (instance.empty()) return {};
  auto params = ";pub-gruu=" + public_gruu(aor, instance, secure);
  const auto other = temporary.make(aor, instance, binding.call_id(), secure);
  return other.empty() ? params : params.append(";temp-gruu=").append(other);
}

/// Writes lines into room that is surely enough.
class Lines {
 public:
  explicit Lines(char* room) : at_(room) {}

  void put(std::string_view text) {
    if (!text.empty()) std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
  }
  void put(const Binding& binding, std::string_view gruus, std::uint64_t now_ms) {
    put("Contact: <");
    put(binding.contact());
    put(">");
    if (!binding.params().empty()) put(";");
    put(binding.params());
    if (binding.q() != kHighestQ) put_q(binding.q());
    put(gruus);
    put(";expires=");
    at_ = std::to_chars(at_, at_ + 20, binding.remaining(now_ms)).ptr;
    put("\r\n");
  }
  char* end() const { return at_; }

 private:
  void put_q(unsigned q) {
    put(";q=0.");
    if (q == 0) *at_++ = '0';
    for (unsigned unit = 100; q != 0; q %= unit, unit /= 10) {
      *at_++ = static_cast<char>('0' + q / unit);
    }
  }

  char* at_;
};

}  // namespace

std::string_view contact_lines(base::Arena& arena, const BindingSet& set, std::uint64_t now_ms,
                               const TemporaryGruus* gruus, std::string_view behind) {
  std::vector<std::string> gruus_of_each;
  std::size_t room = behind.size();
  for (const auto& binding : set.bindings()) {
    room += kLine + binding->contact().size() + binding->params().size();
    if (gruus) room += gruus_of_each.emplace_back(gruus_of(set.aor(), *binding, *gruus)).size();
  }
  char* const begin = arena.text(room);
  Lines lines(begin);
  for (std::size_t i = 0; i < set.size(); ++i) {
    const auto& binding = *set.bindings()[i];
    if (binding.expired(now_ms)) continue;
    lines.put(binding, gruus ? gruus_of_each[i] : std::string_view(), now_ms);
  }
  lines.put(behind);
  arena.trim(lines.end());
  return {begin, static_cast<std::size_t>(lines.end() - begin)};
}

}  // namespace opensips::location
