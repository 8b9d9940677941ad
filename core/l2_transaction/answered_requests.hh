#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

#include "base/flat_index.hh"
#include "base/flow.hh"
#include "base/packed_texts.hh"
#include "base/siphash.hh"
#include "base/stats.hh"
#include "l1_parser/draft.hh"
#include "l1_parser/message.hh"
#include "loop/context.hh"

namespace opensips::transaction {

/// What was said to a request: all that its answer has and the request has not, so that the same
/// request gets the same answer again. The To tag follows from the request (make_reply()).
class GivenAnswer {
 public:
  GivenAnswer(const parser::Message& request, const parser::Draft& reply);

  /// The reply once more, to a copy of the request and in its arena. `tag_key`: of To tags.
  parser::Draft* repeat(parser::Message& copy, const base::SipKey& tag_key) const;

 private:
  enum Text : unsigned { reason, headers, content_type, body, kTexts };

  using Texts = base::PackedTexts<kTexts>;

  Texts texts_;
  std::uint16_t code_;
  bool has_rport_;  // it was taken as if its Via had it, perhaps
};

/// Requests that were answered, and of whose transactions nothing is left to come but the same
/// request again: what the Completed state of RFC 3261 figure 8 needs until timer J. A registrar
/// has tens of thousands of them, and their transactions with the bytes of their answers would be
/// five times as large. They are all kept for the same time, so they stand in a row, in the order
/// in which they end, under one timer. One worker.
class AnsweredRequests {
 public:
  struct Entry {
    std::uint64_t found_by;     ///< merge_key(), or server_key() of who has a To tag
    std::uint64_t transaction;  ///< server_key()
    base::Flow to;              ///< where the answer went
    parser::Method method;
    GivenAnswer answer;
    std::uint64_t ends_at = 0;  ///< ms
  };

  /// `in_use` counts them, `keep_ms` is how long each is kept. The context outlives it.
  AnsweredRequests(loop::Context& context, base::Counter in_use, std::uint32_t keep_ms)
      : context_(context), in_use_(in_use), keep_ms_(keep_ms) {}

  void add(Entry entry);
  const Entry* find(std::uint64_t found_by) const { return index_.find(found_by); }

  std::size_t size() const { return entries_.size(); }
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const Entry& entry : entries_) visit(entry);
  }

 private:
  void on_timer_j();

  loop::Context& context_;
  const base::Counter in_use_;
  const std::uint32_t keep_ms_;
  std::deque<Entry> entries_;
  base::FlatIndex<Entry> index_;
  loop::Timer timer_j_ = loop::Timer::calling<&AnsweredRequests::on_timer_j>(this);
};

}  // namespace opensips::transaction
