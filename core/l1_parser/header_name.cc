#include "l1_parser/header_name.hh"

#include <array>
#include <bit>
#include <cstddef>
#include <cstring>

#include "l1_parser/chars.hh"

namespace opensips::parser {
namespace {

// In the order of the enumeration.
constexpr std::string_view kNames[] = {
    "",
    "Via",
    "From",
    "To",
    "Call-ID",
    "CSeq",
    "Contact",
    "Max-Forwards",
    "Route",
    "Record-Route",
    "Content-Length",
    "Content-Type",
    "Expires",
    "Min-Expires",
    "Supported",
    "Require",
    "Proxy-Require",
    "Unsupported",
    "Allow",
    "User-Agent",
    "Server",
    "Authorization",
    "Proxy-Authorization",
    "WWW-Authenticate",
    "Proxy-Authenticate",
    "Path",
    "Service-Route",
    "Event",
    "Subscription-State",
    "Refer-To",
    "Referred-By",
    "Replaces",
    "RSeq",
    "RAck",
    "Session-Expires",
    "Min-SE",
    "Reason",
    "Retry-After",
    "Date",
    "Timestamp",
    "Subject",
    "Accept",
    "Identity",
    "P-Asserted-Identity",
    "Privacy",
    "Warning",
    "Max-Breadth",
};
constexpr std::size_t kCount = std::size(kNames);
static_assert(kCount == static_cast<std::size_t>(HeaderName::max_breadth) + 1);

// A name with the bits that folding sets: (text | mask) == lower compares case-insensitively, and
// exactly.
struct alignas(64) Entry {
  std::array<char, 24> lower{};
  std::array<char, 24> mask{};
  std::uint8_t size = 0;
  HeaderName name = HeaderName::other;
};

constexpr std::size_t kShortest = 4;  // of those in the table: all but "To" and "Via"
constexpr std::size_t kLongest = 19;
constexpr std::size_t kSlots = 128;

// Of the first four bytes as a word, folded, and the size. Perfect for kNames in either order of
// bytes: the factor was found by trying, and make_table() proves it.
constexpr std::size_t slot_of(std::uint32_t first, std::size_t size) {
  return (((first | 0x20202020U) + static_cast<std::uint32_t>(size) * 257U) * 0x6e8384e1U) >> 25;
}

consteval std::array<Entry, kSlots> make_table() {
  std::array<Entry, kSlots> table{};
  for (std::size_t i = 1; i < kCount; ++i) {
    const auto text = kNames[i];
    if (text.size() < kShortest) continue;
    const std::array<char, 4> first{text[0], text[1], text[2], text[3]};
    Entry& entry = table[slot_of(std::bit_cast<std::uint32_t>(first), text.size())];
    if (entry.size != 0 || text.size() > kLongest) throw "not perfect";
    entry.size = static_cast<std::uint8_t>(text.size());
    entry.name = static_cast<HeaderName>(i);
    for (std::size_t at = 0; at < text.size(); ++at) {
      entry.lower[at] = chars::lower(text[at]);
      entry.mask[at] = chars::is_alpha(text[at]) ? 0x20 : 0;
    }
  }
  return table;
}

constexpr auto kTable = make_table();

template <class Word>
bool same(const char* text, const Entry& entry, std::size_t at) {
  Word word, lower, mask;
  std::memcpy(&word, text + at, sizeof word);
  std::memcpy(&lower, entry.lower.data() + at, sizeof lower);
  std::memcpy(&mask, entry.mask.data() + at, sizeof mask);
  return (word | mask) == lower;
}

// Words that overlap instead of a loop over bytes; both sizes are `size`, kShortest to kLongest.
bool same_text(const char* text, const Entry& entry, std::size_t size) {
  if (size >= 8) {
    return same<std::uint64_t>(text, entry, 0) && same<std::uint64_t>(text, entry, size - 8) &&
           (size <= 16 || same<std::uint64_t>(text, entry, 8));
  }
  return same<std::uint32_t>(text, entry, 0) && same<std::uint32_t>(text, entry, size - 4);
}

HeaderName compact_of(char c) {
  switch (chars::lower(c)) {
    case 'b': return HeaderName::referred_by;
    case 'c': return HeaderName::content_type;
    case 'f': return HeaderName::from;
    case 'i': return HeaderName::call_id;
    case 'k': return HeaderName::supported;
    case 'l': return HeaderName::content_length;
    case 'm': return HeaderName::contact;
    case 'o': return HeaderName::event;
    case 'r': return HeaderName::refer_to;
    case 's': return HeaderName::subject;
    case 't': return HeaderName::to;
    case 'v': return HeaderName::via;
    case 'x': return HeaderName::session_expires;
    case 'y': return HeaderName::identity;
    default: return HeaderName::other;
  }
}

HeaderName short_name(std::string_view text) {
  if (text.size() == 1) return compact_of(text.front());
  if (text.size() == 2 && chars::equal_fold(text, "to")) return HeaderName::to;
  return text.size() == 3 && chars::equal_fold(text, "via") ? HeaderName::via : HeaderName::other;
}

// The long name of a compact form that has no value of its own in HeaderName; the text itself
// otherwise.
std::string_view long_form(std::string_view text) {
  if (text.size() != 1) return text;
  switch (chars::lower(text.front())) {
    case 'a': return "Accept-Contact";
    case 'd': return "Request-Disposition";
    case 'e': return "Content-Encoding";
    case 'j': return "Reject-Contact";
    case 'n': return "Identity-Info";
    case 'u': return "Allow-Events";
    default: return text;
  }
}

}  // namespace

HeaderName header_name_of(std::string_view text) {
  const auto size = text.size();
  if (size < kShortest) return short_name(text);
  if (size > kLongest) return HeaderName::other;
  std::uint32_t first;
  std::memcpy(&first, text.data(), sizeof first);
  const Entry& entry = kTable[slot_of(first, size)];
  if (entry.size != size || !same_text(text.data(), entry, size)) return HeaderName::other;
  return entry.name;
}

std::string_view to_string(HeaderName name) {
  return kNames[static_cast<std::size_t>(name)];
}

bool same_header(std::string_view a, std::string_view b) {
  const auto name = header_name_of(a);
  if (name != header_name_of(b)) return false;
  return name != HeaderName::other || chars::equal_fold(long_form(a), long_form(b));
}

}  // namespace opensips::parser
