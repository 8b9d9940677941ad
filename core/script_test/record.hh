#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "base/flow.hh"
#include "l0_transport/dns_answer.hh"
#include "lp_routing/recording/value_json.hh"

namespace opensips::script_test {

/// What script:record has written, read. Times are milliseconds since it began; numbers are lines
/// of the file, the order in which things happened.
struct Record {
  using Json = routing::recording::Json;

  struct Socket {
    base::Transport transport;
    base::Address address;
    std::string host;
    std::uint16_t port;
  };
  struct Received {
    std::uint64_t at;
    std::uint64_t number;
    std::size_t call;
    std::string bytes;
    base::Flow from;
  };
  struct Sent {
    std::uint64_t at;
    std::string bytes;
    std::string to;     ///< a flow
    std::string place;  ///< the line of the script that ran last, "route.lua:12"
  };
  struct Answer {
    std::uint64_t at;
    std::uint64_t number;
    Json gave;
    Json did;  ///< what the function did to the request; null: nothing
  };
  struct Asked {
    std::uint64_t at;
    std::uint64_t n;  ///< of one that waits: its number in the call; 0: it was answered at once
    std::string name;
    std::string question;  ///< as text, to compare
    std::string place;
    std::optional<Answer> answer;  ///< none: the record ended before
  };
  struct Name {
    std::uint64_t at;
    transport::DnsQuestion question;
    transport::DnsAnswer answer;
  };
  struct Call {
    std::string id;
    std::vector<Sent> sent;
    std::vector<Asked> asked;
    bool lost = false;        ///< not all of it could be written
    bool incomplete = false;  ///< it was going on where the record is cut
  };

  std::int64_t began = 0;  ///< ms since 1970
  std::vector<Socket> sockets;
  std::vector<Call> calls;
  std::vector<Received> received;  ///< in the order of time
  std::vector<Name> names;         ///< likewise
  std::uint64_t end = 0;           ///< nothing from here on is in it
  bool cut = false;                ///< it has no end: the server was killed, or still records

  /// The error is one line, for the operator: "FILE:12: what is wrong".
  static std::expected<Record, std::string> read(const std::string& path);
  /// The same of a stream, by whatever name.
  static std::expected<Record, std::string> read(std::istream& from, const std::string& name);
};

/// The text by which questions are compared: the function and its arguments.
std::string question_text(const Record::Json& question);

}  // namespace opensips::script_test
