#include "lp_routing/functions/sdp_text.hh"

#include <string>
#include <vector>

#include <fmt/format.h>

#include "l1_parser/chars.hh"
#include "l1_parser/sdp.hh"
#include "lp_routing/functions/argument.hh"

namespace opensips::routing {
namespace {

using parser::SdpConnection;
using parser::SdpLine;
using parser::SdpMedia;
using parser::SdpOrigin;
using parser::SdpScanner;

// -------------------------------------------------------------------------------------------
// reading

/// The session's part of a description, or that of one of its media.
struct Section {
  Value::Map table;
  Value::List attributes;
  Value::List bandwidths;
  Value::List times;
  Value::List other;

  Value::Map close() {
    if (!bandwidths.empty()) table.push_back({"bandwidths", std::move(bandwidths)});
    if (!times.empty()) table.push_back({"times", std::move(times)});
    if (!other.empty()) table.push_back({"other", std::move(other)});
    table.push_back({"attributes", std::move(attributes)});
    return std::move(table);
  }
};

class Reader {
 public:
  /// False if the line is malformed.
  bool take(const SdpLine& line) {
    Section& section = media_.empty() ? session_ : media_.back();
    switch (line.type) {
      case 'v': return put(section, "version", line.value);
      case 'o': return take_origin(line.value);
      case 's': return put(section, "name", line.value);
      case 'i': return put(section, "info", line.value);
      case 'u': return put(section, "uri", line.value);
      case 'c': return take_connection(section, line.value);
      case 'b': section.bandwidths.push_back(line.value); return true;
      case 't': section.times.push_back(line.value); return true;
      case 'a': section.attributes.push_back(line.value); return true;
      case 'm': return take_media(line.value);
      default: section.other.push_back(fmt::format("{}={}", line.type, line.value)); return true;
    }
  }

  bool has_origin() const { return has_origin_; }

  Value::Map close() {
    auto table = session_.close();
    Value::List media;
    for (Section& one : media_) media.push_back(one.close());
    table.push_back({"media", std::move(media)});
    return table;
  }

 private:
  static bool put(Section& section, std::string_view name, std::string_view value) {
    section.table.push_back({name, value});
    return true;
  }

  bool take_origin(std::string_view value) {
    const auto origin = SdpOrigin::parse(value);
    if (!origin) return false;
    has_origin_ = true;
    session_.table.push_back({"origin", Value::Map{{"username", origin->username},
                                                   {"session_id", origin->session_id},
                                                   {"session_version", origin->session_version},
                                                   {"net_type", origin->net_type},
                                                   {"address_type", origin->address_type},
                                                   {"address", origin->address}}});
    return true;
  }

  static bool take_connection(Section& section, std::string_view value) {
    const auto connection = SdpConnection::parse(value);
    if (!connection) return false;
    section.table.push_back({"connection", Value::Map{{"net_type", connection->net_type},
                                                      {"address_type", connection->address_type},
                                                      {"address", connection->address}}});
    return true;
  }

  bool take_media(std::string_view value) {
    const auto media = SdpMedia::parse(value);
    if (!media) return false;
    Value::List formats;
    for (auto rest = media->formats; !rest.empty();) {
      const auto word = parser::take_word(rest);
      if (!word.empty()) formats.push_back(word);
    }
    media_.emplace_back().table = {{"type", media->type},
                                   {"port", media->port},
                                   {"ports", media->ports},
                                   {"protocol", media->protocol},
                                   {"formats", std::move(formats)}};
    return true;
  }

  Section session_;
  std::vector<Section> media_;
  bool has_origin_ = false;
};

// -------------------------------------------------------------------------------------------
// writing

/// A list of texts, one for a line each.
struct Lines {
  std::vector<std::string_view> all;
};
struct OriginFields {
  Line username{"-"}, session_id{"0"}, session_version{"0"}, net_type{"IN"}, address_type{"IP4"};
  Line address;
};
struct ConnectionFields {
  Line net_type{"IN"}, address_type{"IP4"};
  Line address;
};
struct MediaFields {
  Line type;
  std::uint16_t port = 0;
  std::uint16_t ports = 1;
  Line protocol{"RTP/AVP"};
  Lines formats;
  std::optional<Line> info;
  std::optional<ConnectionFields> connection;
  Lines bandwidths, attributes, other;
};
struct SessionFields {
  Line version{"0"};
  OriginFields origin;
  Line name{"-"};
  std::optional<Line> info, uri;
  std::optional<ConnectionFields> connection;
  Lines bandwidths, times, attributes, other;
  std::vector<MediaFields> media;
};

}  // namespace

template <>
struct Argument<Lines> {
  static constexpr std::string_view type = "string[]";
  static bool from(const Value& value, Lines& to, std::string& why) {
    if (const auto* const map = value.get<Value::Map>(); map && map->empty()) return true;
    const auto* const list = value.get<Value::List>();
    if (!list) return false;
    for (const Value& one : *list) {
      Line line;
      if (!Argument<Line>::from(one, line, why)) return false;
      to.all.push_back(line.text);
    }
    return true;
  }
};

template <class T>
requires HasOptions<T>
struct Argument<std::vector<T>> {
  static constexpr std::string_view type = "table[]";
  static bool from(const Value& value, std::vector<T>& to, std::string& why) {
    if (const auto* const map = value.get<Value::Map>(); map && map->empty()) return true;
    const auto* const list = value.get<Value::List>();
    if (!list) return false;
    for (const Value& one : *list) {
      if (!Argument<T>::from(one, to.emplace_back(), why)) return false;
    }
    return true;
  }
};

template <>
struct OptionTable<OriginFields> {
  using F = OriginFields;
  static constexpr std::tuple fields{Option<F, Line>{"username", &F::username, ""},
                                     Option<F, Line>{"session_id", &F::session_id, ""},
                                     Option<F, Line>{"session_version", &F::session_version, ""},
                                     Option<F, Line>{"net_type", &F::net_type, ""},
                                     Option<F, Line>{"address_type", &F::address_type, ""},
                                     Option<F, Line>{"address", &F::address, ""}};
};
template <>
struct OptionTable<ConnectionFields> {
  using F = ConnectionFields;
  static constexpr std::tuple fields{Option<F, Line>{"net_type", &F::net_type, ""},
                                     Option<F, Line>{"address_type", &F::address_type, ""},
                                     Option<F, Line>{"address", &F::address, ""}};
};
template <>
struct OptionTable<MediaFields> {
  using F = MediaFields;
  static constexpr std::tuple fields{
      Option<F, Line>{"type", &F::type, ""},
      Option<F, std::uint16_t>{"port", &F::port, ""},
      Option<F, std::uint16_t>{"ports", &F::ports, ""},
      Option<F, Line>{"protocol", &F::protocol, ""},
      Option<F, Lines>{"formats", &F::formats, ""},
      Option<F, std::optional<Line>>{"info", &F::info, ""},
      Option<F, std::optional<ConnectionFields>>{"connection", &F::connection, ""},
      Option<F, Lines>{"bandwidths", &F::bandwidths, ""},
      Option<F, Lines>{"attributes", &F::attributes, ""},
      Option<F, Lines>{"other", &F::other, ""}};
};
template <>
struct OptionTable<SessionFields> {
  using F = SessionFields;
  static constexpr std::tuple fields{
      Option<F, Line>{"version", &F::version, ""},
      Option<F, OriginFields>{"origin", &F::origin, ""},
      Option<F, Line>{"name", &F::name, ""},
      Option<F, std::optional<Line>>{"info", &F::info, ""},
      Option<F, std::optional<Line>>{"uri", &F::uri, ""},
      Option<F, std::optional<ConnectionFields>>{"connection", &F::connection, ""},
      Option<F, Lines>{"bandwidths", &F::bandwidths, ""},
      Option<F, Lines>{"times", &F::times, ""},
      Option<F, Lines>{"attributes", &F::attributes, ""},
      Option<F, Lines>{"other", &F::other, ""},
      Option<F, std::vector<MediaFields>>{"media", &F::media, ""}};
};

namespace {

/// Writes lines in the order of RFC 8866 5; `wrong` says what cannot be written.
class Writer {
 public:
  std::string text;
  std::string wrong;

  void session(const SessionFields& from) {
    line('v', from.version.text);
    const OriginFields& origin = from.origin;
    const auto joined =
        fmt::format("{} {} {} {} {} {}", origin.username.text, origin.session_id.text,
                    origin.session_version.text, origin.net_type.text, origin.address_type.text,
                    origin.address.text);
    if (!SdpOrigin::parse(joined)) wrong = "origin";
    line('o', joined);
    line('s', from.name.text.empty() ? "-" : from.name.text);
    if (from.info) line('i', from.info->text);
    if (from.uri) line('u', from.uri->text);
    others(from.other, "ep");
    section(from, from.times);
    for (const MediaFields& one : from.media) media(one);
  }

 private:
  void line(char type, std::string_view value) {
    text.append(1, type).append("=").append(value).append("\r\n");
  }
  void lines(char type, const Lines& from) {
    for (const auto value : from.all) line(type, value);
  }

  /// Those of the other lines that are of one of these types.
  void others(const Lines& from, std::string_view types) {
    for (const auto whole : from.all) {
      SdpScanner scanner(whole);
      const auto read = scanner.next();
      if (!read || std::string_view("eprzk").find(read->type) == std::string_view::npos) {
        wrong = "other";
      } else if (types.find(read->type) != std::string_view::npos) {
        line(read->type, read->value);
      }
    }
  }

  /// What sessions and media have both.
  void section(const auto& from, const Lines& times) {
    if (from.connection) {
      const auto joined =
          fmt::format("{} {} {}", from.connection->net_type.text,
                      from.connection->address_type.text, from.connection->address.text);
      if (!SdpConnection::parse(joined)) wrong = "connection";
      line('c', joined);
    }
    lines('b', from.bandwidths);
    lines('t', times);
    others(from.other, "rzk");
    lines('a', from.attributes);
  }

  void media(const MediaFields& from) {
    std::string formats;
    for (const auto format : from.formats.all) {
      if (!parser::chars::is_token(format)) wrong = "formats";
      formats.append(" ").append(format);
    }
    const auto ports = from.ports == 1 ? std::string() : fmt::format("/{}", from.ports);
    const auto joined =
        fmt::format("{} {}{} {}{}", from.type.text, from.port, ports, from.protocol.text, formats);
    if (!SdpMedia::parse(joined)) wrong = "media";
    line('m', joined);
    if (from.info) line('i', from.info->text);
    section(from, {});
  }
};

}  // namespace

Value sdp_table(std::string_view text) {
  SdpScanner scanner(text);
  Reader reader;
  unsigned number = 0;
  while (const auto line = scanner.next()) {
    const bool first = ++number == 1;
    if ((first && line->type != 'v') || !reader.take(*line)) {
      return Problem{fmt::format("not SDP, in line {}", number)};
    }
  }
  if (scanner.failed()) return Problem{fmt::format("not SDP, in line {}", number + 1)};
  if (!reader.has_origin()) return Problem{"not SDP, there is no o="};
  return reader.close();
}

Value sdp_text(const Call& call, const Value& table) {
  SessionFields fields;
  std::string why;
  if (!Argument<SessionFields>::from(table, fields, why)) {
    return Misuse{fmt::format("{}: {}", call.function.full_name(),
                              why.empty() ? "expected a table as sip.parse.sdp gives it" : why)};
  }
  Writer writer;
  writer.session(fields);
  if (!writer.wrong.empty()) {
    return Misuse{
        fmt::format("{}: {}: that would not be SDP", call.function.full_name(), writer.wrong)};
  }
  if (writer.text.size() > kMaxBody) {
    return Misuse{fmt::format("{}: is too long", call.function.full_name())};
  }
  return std::move(writer.text);
}

}  // namespace opensips::routing
