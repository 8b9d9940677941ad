#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/ref.hh"
#include "base/result.hh"
#include "l1_parser/message.hh"

namespace opensips::transaction {

/// What a request of the server's own consists of, as whoever sends it says it (RFC 3261 8.1.1).
struct OwnRequest {
  std::string_view method;
  std::string_view uri;      ///< Request-URI: inside a dialog the remote target
  std::string_view route;    ///< Route header value, of several with commas between them
  std::string_view from;     ///< name-addr; without a tag it gets one
  std::string_view to;       ///< name-addr; inside a dialog with its tag
  std::string_view call_id;  ///< empty: a new one, which this worker owns
  std::uint32_t cseq = 1;
  std::string_view headers;  ///< whole lines, each with its CRLF: Contact too, if it needs one
  std::string_view content_type;
  std::string_view body;
};

/// What the server adds.
struct OwnHeaders {
  std::string_view call_id;     ///< if the request has none
  std::string_view from_tag;    ///< if From has none
  std::string_view branch;      ///< of the Via that keeps the place of the one that L2 writes
  std::string_view user_agent;  ///< a value; empty: none
  unsigned max_forwards = 70;
};

struct ComposedRequest {
  base::Ref<parser::Message> message;
  std::string next_hop;  ///< the URI that it is sent to: the first Route's, or its own
};

/// The message. To a strict router it goes in the form that this one expects (RFC 3261 12.2.1.1).
/// Error::malformed if the parts do not make a request that we would take ourselves.
base::Result<ComposedRequest> compose(const OwnRequest& request, const OwnHeaders& headers);

}  // namespace opensips::transaction
