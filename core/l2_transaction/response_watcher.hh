#pragma once

#include <cstdint>

#include "base/ref.hh"
#include "l1_parser/message.hh"

namespace opensips::transaction {

/// Who sees the responses to branches one by one, before the response context chooses among them.
/// Called on the worker; it sends nothing in there and ends no transaction.
class ResponseWatcher {
 public:
  /// A response other than 100 to a branch of the server transaction that `owner` deals with. It
  /// may be edited. False: it goes no further; only of a provisional one.
  virtual bool watch(std::uint64_t owner, const base::Ref<parser::Message>& response) = 0;

 protected:
  ~ResponseWatcher() = default;
};

}  // namespace opensips::transaction
