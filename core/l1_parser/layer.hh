#pragma once

#include <string>

#include "base/siphash.hh"
#include "base/stats.hh"
#include "l1_parser/message.hh"
#include "loop/context.hh"
#include "loop/layer.hh"
#include "loop/owner.hh"

namespace opensips::parser {

/// L1 on one worker: bytes to message on the way up, draft to bytes on the way down. A message that
/// is wrong is answered here, or dropped and counted.
class ParserLayer final : public loop::Layer {
 public:
  struct Options {
    Limits limits = {};
    std::uint32_t max_message = 65535;  ///< bytes; a longer one is answered 513
    base::SipKey tag_key;               ///< makes To tags
    std::string server_header;          ///< of the replies made here; empty: none
    bool force_rport = false;           ///< every request by UDP is taken to ask for rport
  };
  ParserLayer(loop::Context& context, const loop::Owners& owners, Options options);

  loop::Verdict up(loop::Walk& walk) override;
  loop::Verdict down(loop::Walk& walk) override;

 private:
  loop::Verdict refuse(loop::Walk& walk, const Message::Parsed& parsed);

  loop::Context& context_;
  const loop::Owners& owners_;
  Options options_;
  base::Counter requests_;
  base::Counter replies_;
  base::Counter bad_messages_;
  base::Counter dropped_requests_;
  base::Counter dropped_replies_;
  base::Counter refused_requests_;
  base::Counter error_replies_;
  base::Counter unknown_methods_;
};

}  // namespace opensips::parser
