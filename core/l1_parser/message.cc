#include "l1_parser/message.hh"

#include "base/blocks.hh"
#include "l1_parser/fields.hh"
#include "l1_parser/message_parser.hh"

namespace opensips::parser {

Message::Parsed Message::parse(std::string_view bytes, const base::Flow& from,
                               const Limits& limits) {
  return MessageParser(bytes, from, limits).parse();
}

static_assert(static_cast<unsigned>(HeaderName::max_breadth) < 64, "the last one has a bit too");

namespace {

constexpr Uri kNoUri{};

}  // namespace

Message::Message(void* rest, std::size_t rest_size, const base::Flow& from)
    : arena_(rest, rest_size), source_(from), from_uri_(&kNoUri), to_uri_(&kNoUri) {}

std::size_t Message::search(HeaderName name, std::size_t from) const {
  std::size_t place = from;
  while (place < headers_.size() && headers_[place].name != name) ++place;
  return place < headers_.size() ? place : headers_.size();
}

const NamedUri* Message::read_contact() const {
  contact_ = nullptr;
  const auto place = find(HeaderName::contact);
  if (place == headers_.size()) return nullptr;
  const auto text = ValueList(value(headers_[place])).next();
  if (!text) return nullptr;
  auto* const read = arena_.make<NamedUri>();
  if (read_field(*text, read->address) && read_field(read->address.uri_text, read->uri)) {
    contact_ = read;
  }
  return *contact_;
}

Message::SentBy Message::compare_sent_by() const {
  const auto same = source_.peer.is_host(via_.host);
  sent_by_ = !same ? SentBy::name : *same ? SentBy::source : SentBy::elsewhere;
  return *sent_by_;
}

std::size_t Message::find(std::string_view text, std::size_t from) const {
  const auto known = header_name_of(text);
  if (known != HeaderName::other) return find(known, from);
  for (std::size_t place = from; place < headers_.size(); ++place) {
    const Header& header = headers_[place];
    if (header.name == HeaderName::other && same_header(name(header), text)) return place;
  }
  return headers_.size();
}

void retain(Message* message) {
  message->ref();
}

void release(Message* message) {
  if (!message->unref()) return;
  message->~Message();
  base::give_block(message);
}

}  // namespace opensips::parser
