#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <tuple>

#include "base/fifo_arena.hh"
#include "base/flat_index.hh"
#include "base/flow.hh"
#include "base/siphash.hh"
#include "base/stats.hh"
#include "l1_parser/draft.hh"
#include "l1_parser/message.hh"
#include "loop/context.hh"

namespace opensips::transaction {

/// Requests that were answered, and of whose transactions nothing is left to come but the same
/// request again: what the Completed state of RFC 3261 figure 8 needs until timer J. A registrar
/// has tens of thousands of them, and their transactions with the bytes of their answers would be
/// five times as large. They are all kept for the same time, so they stand in a row, in the order
/// in which they end, under one timer. One worker.
class AnsweredRequests {
 public:
  /// One of them, with what its answer has and the request has not, so that the same request gets
  /// the same answer again. The To tag follows from the request (make_reply()).
  class Entry {
   public:
    std::uint64_t transaction() const { return transaction_; }
    /// Where the answer went.
    const base::Flow& to() const { return to_; }
    parser::Method method() const { return method_; }
    /// The reply once more, to a copy of the request and in its arena. `tag_key`: of To tags.
    parser::Draft* repeat(parser::Message& copy, const base::SipKey& tag_key) const;

   private:
    friend class AnsweredRequests;
    using Texts = std::array<std::string_view, 4>;  ///< reason, headers, type and body

    Entry() = default;

    std::uint64_t found_by_;
    std::uint64_t transaction_;
    std::uint64_t ends_at_;  ///< ms
    base::Flow to_;
    std::array<std::uint32_t, std::tuple_size_v<Texts>>
        sizes_;  ///< of the texts, which stand behind
    std::uint16_t code_;
    parser::Method method_;
    bool has_rport_;  ///< it was taken as if its Via had it, perhaps
  };

  /// `in_use` counts them, `keep_ms` is how long each is kept. The context outlives it.
  AnsweredRequests(loop::Context& context, base::Counter in_use, std::uint32_t keep_ms)
      : context_(context), in_use_(in_use), keep_ms_(keep_ms) {}

  /// `found_by`: merge_key(), or server_key() of a request that has a To tag; `transaction`:
  /// server_key(); `to`: where the answer goes.
  void add(std::uint64_t found_by, std::uint64_t transaction, const base::Flow& to,
           const parser::Message& request, const parser::Draft& reply);
  const Entry* find(std::uint64_t found_by) const { return index_.find(found_by); }
  /// Makes find() of it quicker.
  void prefetch(std::uint64_t found_by) const { index_.prefetch(found_by); }

  std::size_t size() const { return index_.size(); }
  template <class Visit>
  void for_each(Visit&& visit) const {
    row_.for_each([&](void* entry) { visit(*static_cast<const Entry*>(entry)); });
  }

 private:
  void on_timer_j();

  loop::Context& context_;
  const base::Counter in_use_;
  const std::uint32_t keep_ms_;
  base::FifoArena row_;
  base::FlatIndex<Entry> index_;
  loop::Timer timer_j_ = loop::Timer::calling<&AnsweredRequests::on_timer_j>(this);
};

}  // namespace opensips::transaction
