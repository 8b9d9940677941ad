#include "l1_parser/writer.hh"

#include <algorithm>

#include "l1_parser/sink.hh"

namespace opensips::parser {
namespace {

using Edit = Edits::Edit;
using Kind = Edits::Edit::Kind;

/// The edits of several lists in the order of their places. Where two lists change the same header,
/// the earlier list wins.
class MergedEdits {
 public:
  MergedEdits(const Edit* length, const Edit* draft, const Edit* message)
      : lists_{length, draft, message} {}

  const Edit* next() {
    const Edit** best = nullptr;
    for (const Edit*& list : lists_) {
      if (!list) continue;
      if (!best || key(*list) < key(**best)) {
        best = &list;
      } else if (list->kind != Kind::insert && key(*list) == key(**best)) {
        list = list->next;
      }
    }
    if (!best) return nullptr;
    const Edit* const edit = *best;
    *best = edit->next;
    return edit;
  }

 private:
  static std::uint64_t key(const Edit& edit) {
    return std::uint64_t{edit.place} * 2 + (edit.kind != Kind::insert);
  }

  std::array<const Edit*, 3> lists_;
};

/// The edits that all branches have in common, below the draft's own.
const Edits& common_edits(const Message& message, const Draft& draft) {
  static const Edits kNone;
  return draft.has_all_edits ? kNone : message.edits();
}

/// The body, if it is another one than came.
const Edits* edits_of_body(const Message& message, const Draft& draft) {
  if (draft.edits.has_body()) return &draft.edits;
  const auto& common = common_edits(message, draft);
  return common.has_body() ? &common : nullptr;
}

template <class Sink>
void put_start_line(Sink& sink, const Message& message, const Draft& draft,
                    std::string_view original) {
  const auto either = [](std::string_view a, std::string_view b) { return a.empty() ? b : a; };
  const auto& common = common_edits(message, draft);
  const auto uri = either(draft.edits.uri(), common.uri());
  const auto method = either(draft.edits.method(), common.method());
  if (!message.is_request() && draft.code != 0) {
    sink.put("SIP/2.0 ");
    sink.put(Digits(draft.code).view());
    sink.put(" ");
    sink.put(message.reason());
    return sink.put("\r\n");
  }
  if (!message.is_request() || (uri.empty() && method.empty())) return sink.put(original);
  sink.put(either(method, message.method_text()));
  sink.put(" ");
  sink.put(either(uri, message.uri().text));
  sink.put(" SIP/2.0\r\n");
}

template <class Sink>
void put_header(Sink& sink, const Edit& edit) {
  sink.put(edit.name_text);
  sink.put(": ");
  sink.put(edit.value);
  sink.put("\r\n");
}

// `length`: the edit that makes Content-Length right, if the body changes.
template <class Sink>
void put_forward(Sink& sink, const Message& message, const Draft& draft, const Edit* length) {
  const auto raw = message.raw();
  const auto headers = message.headers();
  const std::size_t body_at = raw.size() - message.body().size();
  const std::size_t begin = headers.empty() ? body_at : headers.front().line_begin;
  const std::size_t end = headers.empty() ? body_at : headers.back().line_end;
  put_start_line(sink, message, draft, raw.substr(0, begin));

  std::size_t at = begin;  // what is before has been written or left out
  MergedEdits edits(length, draft.edits.first(), common_edits(message, draft).first());
  while (const Edit* edit = edits.next()) {
    const bool inside = edit->place < headers.size();
    const std::size_t place = inside ? headers[edit->place].line_begin : end;
    sink.put(raw.substr(at, place - at));
    at = place;
    if (edit->kind != Kind::insert && inside) at = headers[edit->place].line_end;
    if (edit->kind != Kind::remove) put_header(sink, *edit);
  }
  if (!length) return sink.put(raw.substr(at));
  sink.put(raw.substr(at, body_at - at));
  sink.put(edits_of_body(message, draft)->body());
}

/// What edits need as headers, the removed ones too.
std::size_t room_for(const Edit* edit) {
  constexpr std::size_t kMarks = 4;  // ": " and CRLF
  std::size_t size = 0;
  for (; edit; edit = edit->next) size += edit->name_text.size() + edit->value.size() + kMarks;
  return size;
}

/// More than a request or response can need as it goes on: what changes is counted twice, as it
/// was and as it becomes.
std::size_t room_for_forward(const Message& message, const Draft& draft, const Edit* length) {
  constexpr std::size_t kOurs = 32;  // the version, spaces and line end of another start line
  std::size_t size = kOurs + message.raw().size();
  for (const auto* edits : {&draft.edits, &common_edits(message, draft)}) {
    size += room_for(edits->first()) + edits->uri().size() + edits->method().size();
  }
  return length ? size + room_for(length) + edits_of_body(message, draft)->body().size() : size;
}

std::size_t measure_forward(const Message& message, const Draft& draft, const Edit* length) {
  MeasureSink measure;
  put_forward(measure, message, draft, length);
  return measure.size();
}

/// Calls `use` with the edit that makes Content-Length right; nullptr if it is.
template <class Use>
auto with_length(const Message& message, const Draft& draft, const Use& use) {
  const auto* const edits = edits_of_body(message, draft);
  if (!edits) return use(nullptr);

  const Digits digits(edits->body().size());
  const auto headers = message.headers();
  const auto place = message.find(HeaderName::content_length);
  const bool there = place < headers.size();
  const Edit length{.next = nullptr,
                    .place = static_cast<std::uint32_t>(place),
                    .kind = there ? Kind::replace : Kind::insert,
                    .name = HeaderName::content_length,
                    .name_text = there ? message.name(headers[place]) : "Content-Length",
                    .value = digits.view()};
  return use(&length);
}

base::WireRef write_forward(const Message& message, const Draft& draft) {
  return with_length(message, draft, [&](const Edit* length) {
    WireSink sink(base::Wire::make(room_for_forward(message, draft, length)));
    sink.set_call(message.call_id());
    put_forward(sink, message, draft, length);
    return sink.take();
  });
}

std::string_view reason_of(const Draft& draft) {
  return draft.reason.empty() ? reason_phrase(draft.code) : draft.reason;
}

/// What a reply takes from its request (RFC 3261 8.2.6, 12.1.1).
class ReplyHeaders {
 public:
  ReplyHeaders(const Message& request, const Draft& draft) : request_(request), draft_(draft) {
    const auto method = request.method();
    record_route_ = draft.code > 100 && draft.code < 300 &&
                    (method == Method::invite || method == Method::subscribe ||
                     method == Method::refer || method == Method::notify);
  }

  void put(WireSink& sink) {
    const auto headers = request_.headers();
    const Edit* edit = request_.edits().first();
    seen_ = 0;
    for (std::size_t place = 0; place < headers.size(); ++place) {
      const Header& header = headers[place];
      if (header.name == HeaderName::via) {
        // Only an edit of this very line is meant for the way back.
        while (edit && (edit->place < place || edit->kind == Kind::insert)) edit = edit->next;
        const bool edited = edit && edit->place == place && edit->kind == Kind::replace;
        if (edited) {
          put_header(sink, *edit);
        } else {
          put_line(sink, header, {});
        }
      } else if (wanted(header.name)) {
        put_line(sink, header, header.name == HeaderName::to ? tag() : std::string_view{});
      }
    }
  }

 private:
  bool wanted(HeaderName name) {
    switch (name) {
      case HeaderName::from:
      case HeaderName::to:
      case HeaderName::call_id:
      case HeaderName::cseq: {
        const std::uint64_t bit = std::uint64_t{1} << static_cast<unsigned>(name);
        if (seen_ & bit) return false;
        seen_ |= bit;
        return true;
      }
      case HeaderName::record_route: return record_route_;
      case HeaderName::timestamp: return draft_.code == 100;
      default: return false;
    }
  }

  // None for a To that has one, or that did not parse.
  std::string_view tag() const {
    const NameAddr& to = request_.to();
    return to.text.empty() || !to.tag.empty() ? std::string_view{} : draft_.to_tag;
  }

  void put_line(WireSink& sink, const Header& header, std::string_view tag) {
    sink.put(request_.raw().substr(header.line_begin, header.value_end - header.line_begin));
    if (!tag.empty()) {
      sink.put(";tag=");
      sink.put(tag);
    }
    sink.put("\r\n");
  }

  const Message& request_;
  const Draft& draft_;
  std::uint64_t seen_ = 0;
  bool record_route_ = false;
};

/// More than a reply can need: its headers are some of the request's, which may end in a LF alone.
std::size_t room_for_reply(const Message& request, const Draft& draft, std::string_view server) {
  constexpr std::size_t kOurs = 128;  // the names, numbers and line ends that are put here
  return kOurs + request.raw().size() - request.body().size() + request.headers().size() +
         room_for(request.edits().first()) + reason_of(draft).size() + draft.to_tag.size() +
         draft.headers.size() + server.size() + draft.content_type.size() + draft.body.size();
}

void put_reply(WireSink& sink, const Message& request, const Draft& draft,
               std::string_view server) {
  sink.put("SIP/2.0 ");
  sink.put(Digits(draft.code).view());
  sink.put(" ");
  sink.put(reason_of(draft));
  sink.put("\r\n");
  ReplyHeaders(request, draft).put(sink);
  sink.put(draft.headers);
  if (!server.empty()) {
    sink.put("Server: ");
    sink.put(server);
    sink.put("\r\n");
  }
  if (!draft.body.empty() && !draft.content_type.empty()) {
    sink.put("Content-Type: ");
    sink.put(draft.content_type);
    sink.put("\r\n");
  }
  sink.put("Content-Length: ");
  sink.put(Digits(draft.body.size()).view());
  sink.put("\r\n\r\n");
  sink.put(draft.body);
}

base::WireRef write_reply(const Message& request, const Draft& draft, std::string_view server) {
  WireSink sink(base::Wire::make(room_for_reply(request, draft, server)));
  sink.set_call(request.call_id());
  put_reply(sink, request, draft, server);
  return sink.take();
}

}  // namespace

std::size_t forwarded_size(const Message& message, const Draft& draft) {
  return with_length(message, draft,
                     [&](const Edit* length) { return measure_forward(message, draft, length); });
}

base::WireRef write(const Message& message, const Draft& draft, std::string_view server) {
  return draft.kind == Draft::Kind::reply ? write_reply(message, draft, server)
                                          : write_forward(message, draft);
}

}  // namespace opensips::parser
