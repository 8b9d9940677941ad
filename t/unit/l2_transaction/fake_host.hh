#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "l1_parser/message.hh"
#include "l2_transaction/host.hh"

namespace opensips::transaction {

/// The layer as a machine sees it, on a clock of the test's own. Writes down what it is told.
class FakeHost final : public Host {
 public:
  const Timers& timers() const override { return times; }
  loop::TimerWheel& wheel() override { return wheel_; }
  void send(const base::WireRef& wire, const base::Flow&) override {
    sent.push_back({now, wire ? std::string(wire->view()) : ""});
  }
  void client_timed_out(loop::ClientId) override { note("timed out"); }
  void client_provisional(loop::ClientId) override { note("provisional"); }
  void client_ended(loop::ClientId) override { note("ended"); }
  void server_ended(loop::ServerId) override { note("ended"); }
  void server_late(loop::ServerId) override { note("late"); }
  void round_timed_out(loop::ServerId) override { note("round timed out"); }

  /// Lets that much time pass, tick by tick.
  void advance(std::uint64_t ms) {
    for (const auto end = now + ms; now < end;) wheel_.advance(now += 10);
  }
  /// When something was sent since the last call, in milliseconds from the start.
  std::vector<std::uint64_t> take_times() {
    std::vector<std::uint64_t> all;
    for (const auto& one : std::exchange(sent, {})) all.push_back(one.at);
    return all;
  }
  std::vector<std::string> take_events() { return std::exchange(events, {}); }

  struct Sent {
    std::uint64_t at;
    std::string bytes;
  };
  Timers times;
  std::uint64_t now = 0;
  std::vector<Sent> sent;
  std::vector<std::string> events;  ///< "64000 ended"

 private:
  void note(const std::string& what) { events.push_back(std::to_string(now) + " " + what); }
  loop::TimerWheel wheel_{0};
};

inline base::WireRef wire_of(std::string_view text) {
  auto wire = base::Wire::make(text.size());
  std::memcpy(wire->data(), text.data(), text.size());
  wire->resize(text.size());
  return wire;
}

inline base::Flow flow_over(base::Transport transport) {
  return {*base::Address::parse("192.0.2.1", 5060), 0, transport};
}

inline std::string request_text(const std::string& method,
                                const std::string& uri = "sip:b@192.0.2.1") {
  return method + " " + uri +
         " SIP/2.0\r\n"
         "Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKone\r\n"
         "From: <sip:a@192.0.2.9>;tag=a\r\n"
         "To: <sip:b@192.0.2.1>\r\n"
         "Call-ID: call\r\n"
         "CSeq: 7 " +
         method + "\r\n\r\n";
}

inline base::Ref<parser::Message> response(unsigned code, const std::string& method = "INVITE") {
  const std::string text = "SIP/2.0 " + std::to_string(code) +
                           " Reason\r\n"
                           "Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKone\r\n"
                           "From: <sip:a@192.0.2.9>;tag=a\r\n"
                           "To: <sip:b@192.0.2.1>;tag=b" +
                           std::to_string(code) +
                           "\r\n"
                           "Call-ID: call\r\n"
                           "CSeq: 7 " +
                           method + "\r\n\r\n";
  return parser::Message::parse(text, {}).message;
}

}  // namespace opensips::transaction
