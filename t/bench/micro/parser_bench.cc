#include <benchmark/benchmark.h>

#include <string>

#include "base/arena.hh"
#include "l1_parser/message.hh"
#include "l1_parser/peek.hh"
#include "l1_parser/writer.hh"

namespace opensips::parser {
namespace {

const std::string kInvite =
    "INVITE sip:service@127.0.0.1:5060 SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 127.0.0.1:5062;branch=z9hG4bK-28815-1-0\r\n"
    "From: \"Caller\" <sip:caller@127.0.0.1:5062>;tag=28815c1\r\n"
    "To: <sip:service@127.0.0.1:5060>\r\n"
    "Call-ID: 1-28815@127.0.0.1\r\n"
    "CSeq: 1 INVITE\r\n"
    "Contact: <sip:caller@127.0.0.1:5062>\r\n"
    "Max-Forwards: 70\r\n"
    "User-Agent: bench-uac\r\n"
    "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, PRACK, REFER, NOTIFY\r\n"
    "Supported: replaces, timer\r\n"
    "Content-Type: application/sdp\r\n"
    "Content-Length:   234\r\n"
    "\r\n"
    "v=0\r\n"
    "o=caller 53655765 2353687637 IN IP4 127.0.0.1\r\n"
    "s=-\r\n"
    "c=IN IP4 127.0.0.1\r\n"
    "t=0 0\r\n"
    "m=audio 6000 RTP/AVP 8 0 101\r\n"
    "a=rtpmap:8 PCMA/8000\r\n"
    "a=rtpmap:0 PCMU/8000\r\n"
    "a=rtpmap:101 telephone-event/8000\r\n"
    "a=fmtp:101 0-16\r\n"
    "a=ptime:20\r\n"
    "a=sendrecv\r\n";

const std::string kOk =
    "SIP/2.0 200 OK\r\n"
    "Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKa1b2c3d4e5f60718\r\n"
    "Via: SIP/2.0/UDP 127.0.0.1:5062;branch=z9hG4bK-28815-1-0\r\n"
    "Record-Route: <sip:127.0.0.1:5060;lr;id=0a1b2c3d4e5f>\r\n"
    "From: \"Caller\" <sip:caller@127.0.0.1:5062>;tag=28815c1\r\n"
    "To: <sip:service@127.0.0.1:5060>;tag=28816s1\r\n"
    "Call-ID: 1-28815@127.0.0.1\r\n"
    "CSeq: 1 INVITE\r\n"
    "Contact: <sip:127.0.0.1:5070;transport=UDP>\r\n"
    "Content-Type: application/sdp\r\n"
    "Content-Length:   130\r\n"
    "\r\n"
    "v=0\r\n"
    "o=callee 53655765 2353687637 IN IP4 127.0.0.1\r\n"
    "s=-\r\n"
    "c=IN IP4 127.0.0.1\r\n"
    "t=0 0\r\n"
    "m=audio 6000 RTP/AVP 8\r\n"
    "a=rtpmap:8 PCMA/8000\r\n";

void BM_PeekInvite(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(peek(kInvite));
}
BENCHMARK(BM_PeekInvite);

void BM_PeekOk(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(peek(kOk));
}
BENCHMARK(BM_PeekOk);

void parse(benchmark::State& state, const std::string& bytes) {
  const base::Flow flow;
  if (Message::parse(bytes, flow).fault.code != 0) state.SkipWithError("does not parse");
  for (auto _ : state) {
    auto parsed = Message::parse(bytes, flow);
    benchmark::DoNotOptimize(parsed);
  }
}
BENCHMARK_CAPTURE(parse, Invite, kInvite);
BENCHMARK_CAPTURE(parse, Ok, kOk);

void edit(const Message& invite, base::Arena& arena, Draft& draft) {
  const auto headers = invite.headers();
  draft.edits.insert_first(arena, invite.find(HeaderName::via), "Via",
                           "SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKa1b2c3d4e5f60718");
  draft.edits.insert(arena, invite.find(HeaderName::via), "Record-Route",
                     "<sip:127.0.0.1:5060;lr;id=0a1b2c3d4e5f>");
  const auto hops = invite.find(HeaderName::max_forwards);
  draft.edits.replace(arena, hops, invite.name(headers[hops]), "69");
  draft.edits.set_uri("sip:service@127.0.0.1:5070");
}

void BM_WriteForward(benchmark::State& state) {
  const auto invite = Message::parse(kInvite, {}).message;
  Draft draft;
  edit(*invite, invite->arena(), draft);
  for (auto _ : state) benchmark::DoNotOptimize(write(*invite, draft));
}
BENCHMARK(BM_WriteForward);

void BM_EditAndWriteForward(benchmark::State& state) {
  const auto invite = Message::parse(kInvite, {}).message;
  for (auto _ : state) {
    alignas(16) char memory[1024];
    base::Arena arena(memory, sizeof memory);
    Draft draft;
    edit(*invite, arena, draft);
    benchmark::DoNotOptimize(write(*invite, draft));
  }
}
BENCHMARK(BM_EditAndWriteForward);

void BM_WriteReply(benchmark::State& state) {
  const auto invite = Message::parse(kInvite, {}).message;
  invite->edits().replace(invite->arena(), invite->find(HeaderName::via), "Via",
                          "SIP/2.0/UDP 127.0.0.1:5062;branch=z9hG4bK-28815-1-0;rport=5062");
  Draft draft;
  draft.kind = Draft::Kind::reply;
  draft.code = 100;
  for (auto _ : state) benchmark::DoNotOptimize(write(*invite, draft, "opensips"));
}
BENCHMARK(BM_WriteReply);

void BM_WriteAck(benchmark::State& state) {
  const auto ok = Message::parse(kOk, {}).message;
  for (auto _ : state) benchmark::DoNotOptimize(write_ack(kInvite, *ok));
}
BENCHMARK(BM_WriteAck);

}  // namespace
}  // namespace opensips::parser
