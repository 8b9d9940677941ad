#include "script_test/record.hh"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace opensips::script_test {
namespace {

constexpr std::string_view kWhole =
    R"({"opensips_record":1,"time":1764150000123,"sockets":[{"socket":"udp:192.0.2.1:5060","host":"sip.example","port":5070}]}
{"t":4,"call":"a","in":"INVITE sip:b@x SIP/2.0\r\n\r\n","from":"udp:192.0.2.7:5062/0"}
{"t":4,"call":"a","asks":"sip.random","with":[1,6],"at":"route.lua:3","gave":5}
{"t":4,"call":"a","asks":"sql:query","with":["SELECT 1"],"at":"route.lua:4","n":1}
{"t":5,"dns":"SRV _sip._udp.x","gave":{"status":0,"says":"found","services":[[1,2,5060,"pbx.x"]]}}
{"t":5,"dns":"A pbx.x","gave":{"status":0,"says":"found","addresses":["192.0.2.9"]}}
{"t":9,"call":"a","n":1,"gave":[{"x":1}],"did":{"uri":"sip:c@x"}}
{"t":9,"call":"a","out":{"$base64":"SU5WSVRF"},"to":"udp:192.0.2.9:5060/0","at":"route.lua:5"}
{"t":11,"call":"b","in":"OPTIONS sip:b@x SIP/2.0\r\n\r\n","from":"tcp:192.0.2.8:40000/1/8400000012"}
{"t":20,"call":"a","in":"beyond","from":"udp:192.0.2.7:5062/0"}
{"t":20,"end":true,"calls":2,"lost":["b"]}
)";

std::expected<Record, std::string> read(std::string_view text) {
  std::istringstream stream{std::string(text)};
  return Record::read(stream, "calls.rec");
}
std::string problem(std::string_view text) {
  const auto record = read(text);
  return record ? "none" : record.error();
}
/// The whole with a line of the test's own in place of its second.
std::string with_line(std::string_view line) {
  std::string text(kWhole);
  const auto begin = text.find('\n') + 1;
  return text.replace(begin, text.find('\n', begin) - begin, line);
}

TEST(Record, HasWhatWasWritten) {
  const auto record = read(kWhole);
  ASSERT_TRUE(record) << record.error();
  EXPECT_EQ(record->began, 1764150000123);
  ASSERT_EQ(record->sockets.size(), 1U);
  EXPECT_EQ(record->sockets[0].address.to_string(), "192.0.2.1:5060");
  EXPECT_EQ(record->sockets[0].host, "sip.example");
  ASSERT_EQ(record->calls.size(), 2U);
  const auto& call = record->calls[0];
  EXPECT_FALSE(call.lost);
  EXPECT_TRUE(record->calls[1].lost);
  ASSERT_EQ(call.asked.size(), 2U);
  EXPECT_EQ(call.asked[0].question, R"(["sip.random",[1,6]])");
  EXPECT_EQ(call.asked[0].answer->gave, 5);
  EXPECT_EQ(call.asked[1].answer->at, 9U);
  EXPECT_EQ(call.asked[1].answer->did["uri"], "sip:c@x");
  ASSERT_EQ(call.sent.size(), 1U);
  EXPECT_EQ(call.sent[0].bytes, "INVITE");
  EXPECT_EQ(call.sent[0].place, "route.lua:5");
  ASSERT_EQ(record->received.size(), 2U) << "what comes at the end or later is not in it";
  EXPECT_EQ(record->received[1].from.connection.bits, 0x8400000012U);
  ASSERT_EQ(record->names.size(), 2U);
  EXPECT_EQ(record->names[0].answer.services.at(0).target, "pbx.x");
  EXPECT_FALSE(record->cut);
  EXPECT_EQ(record->end, 20U);
}

TEST(Record, QuestionsAreTheSameInWhateverOrderTheirTablesAre) {
  const auto text = [](const char* with) {
    return question_text({{"asks", "auth.require"}, {"with", Record::Json::parse(with)}});
  };
  EXPECT_EQ(text(R"(["www",{"realm":"x","qop":{"b":1,"a":2}}])"),
            text(R"(["www",{"qop":{"a":2,"b":1},"realm":"x"}])"));
  EXPECT_NE(text(R"(["www","x"])"), text(R"(["x","www"])"));
}

/// A server that is killed leaves what it has written so far.
TEST(Record, IsReadAsFarAsItGoesWhereverItIsCut) {
  const std::size_t head = kWhole.find('\n');
  for (std::size_t size = 0; size < kWhole.size(); ++size) {
    const auto record = read(kWhole.substr(0, size));
    if (size < head) {
      ASSERT_FALSE(record) << size;
      EXPECT_TRUE(record.error().starts_with("calls.rec:")) << record.error();
      EXPECT_EQ(record.error().find('\n'), std::string::npos) << record.error();
    } else {
      ASSERT_TRUE(record) << size << ": " << record.error();
      EXPECT_TRUE(record->cut) << size;
    }
  }
}

/// Lines of a call: what came and what went at that time, as JSON.
std::string line(const char* call, int time, const char* way, std::string_view start,
                 std::string_view branch, std::string_view cseq) {
  return fmt::format(
      R"({{"t":{},"call":"{}","{}":"{}\r\nVia: SIP/2.0/UDP 192.0.2.7;branch={}\r\nFrom: <sip:a@x>;tag=1\r\n)"
      R"(To: <sip:b@x>\r\nCall-ID: {}\r\nCSeq: {}\r\nContent-Length: 0\r\n\r\n",)"
      R"("from":"udp:192.0.2.7:5062/0","to":"udp:192.0.2.7:5062/0"}})"
      "\n",
      time, call, way, start, branch, call, cseq);
}

/// Which are told to have been going on, of calls whose lines these are; others end the record.
std::vector<std::string> incomplete(const std::string& lines, bool is_cut = true) {
  std::string text(kWhole.substr(0, kWhole.find('\n') + 1));
  text += lines + R"({"t":9000,"dns":"A pbx.x","gave":{"status":0,"says":"found"}})" + "\n";
  if (!is_cut) text += R"({"t":9001,"end":true,"calls":1,"lost":[]})" + std::string("\n");
  const auto record = read(text);
  EXPECT_TRUE(record) << record.error();
  std::vector<std::string> ids;
  for (const auto& call : record->calls) {
    if (call.incomplete) ids.push_back(call.id);
  }
  return ids;
}

TEST(Record, OfAKilledServerSaysWhichCallsWereGoingOn) {
  constexpr const char* kInvite = "INVITE sip:b@x SIP/2.0";
  constexpr const char* kOk = "SIP/2.0 200 OK";
  const auto call = [&](const char* id, int time) {
    return line(id, time, "in", kInvite, "z9hG4bK1", "1 INVITE") +
           line(id, time, "out", "SIP/2.0 180 Ringing", "z9hG4bK1", "1 INVITE");
  };
  const auto answered = [&](const char* id, int time) {
    return call(id, time) + line(id, time, "out", kOk, "z9hG4bK1", "1 INVITE") +
           line(id, time, "in", "ACK sip:b@x SIP/2.0", "z9hG4bK2", "1 ACK");
  };
  EXPECT_EQ(incomplete(answered("whole", 100) + call("rings", 200)),
            (std::vector<std::string>{"rings"}));
  EXPECT_EQ(incomplete(answered("talks", 100) +
                       line("talks", 300, "in", "BYE sip:b@x SIP/2.0", "z9hG4bK3", "2 BYE")),
            (std::vector<std::string>{"talks"}));
  EXPECT_EQ(incomplete(answered("just now", 8500)), (std::vector<std::string>{"just now"}));
  EXPECT_EQ(incomplete(line("at the end", 9000, "in", kInvite, "z9hG4bK1", "1 INVITE")),
            (std::vector<std::string>{"at the end"}));
  EXPECT_EQ(incomplete(answered("repeated", 100) +
                       line("repeated", 150, "in", kInvite, "z9hG4bK1", "1 INVITE")),
            (std::vector<std::string>{}));
  EXPECT_EQ(incomplete(answered("waits", 100) +
                       R"({"t":100,"call":"waits","asks":"sip.sleep","with":[1],"n":1})" + "\n"),
            (std::vector<std::string>{"waits"}));
  EXPECT_EQ(incomplete(call("rings", 200), false), (std::vector<std::string>{}))
      << "what goes on at a record's end is whole as far as it goes";
}

TEST(Record, KnowsOfGapsBeforeItsEnd) {
  const auto record = read(with_line(R"({"t":1,"call":"a","lost":true})"));
  ASSERT_TRUE(record) << record.error();
  EXPECT_TRUE(record->calls.at(0).lost);
  const auto cut = read(std::string(kWhole.substr(0, kWhole.find('\n') + 1)) +
                        R"({"t":1,"call":"a","lost":true})" + "\n");
  ASSERT_TRUE(cut) << cut.error();
  EXPECT_TRUE(cut->calls.at(0).lost);
}

TEST(Record, WithAnyByteChangedIsReadOrRefusedInOneLine) {
  for (const char byte : {'x', '"', '\n', '\xff'}) {
    for (std::size_t place = 0; place < kWhole.size(); ++place) {
      std::string text(kWhole);
      text[place] = byte;
      const auto record = read(text);
      if (record) continue;
      EXPECT_TRUE(record.error().starts_with("calls.rec:")) << record.error();
      EXPECT_EQ(std::ranges::count(record.error(), '\n'), 0) << record.error();
    }
  }
}

TEST(Record, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(problem(""), "calls.rec: not a record, it is empty");
  EXPECT_EQ(problem("{}\n"), "calls.rec:1: not a record, expected {\"opensips_record\":1,…");
  EXPECT_EQ(problem("{\"opensips_record\":2}\n"), "calls.rec:1: a record of version 2, expected 1");
  EXPECT_EQ(problem(with_line("INVITE")),
            "calls.rec:2: not a line of a record, expected an object of JSON");
  const auto deep = std::string(200'000, '[') + std::string(200'000, ']');
  EXPECT_EQ(problem(with_line(R"({"t":1,"call":"a","asks":"x","gave":1,"with":)" + deep + "}")),
            "calls.rec:2: not a line of a record, expected an object of JSON");
  EXPECT_EQ(problem(with_line(R"({"call":"a"})")),
            "calls.rec:2: expected the time, \"t\", in milliseconds");
  EXPECT_EQ(problem(with_line(R"({"t":1,"in":""})")),
            "calls.rec:2: expected the Call-ID, \"call\"");
  EXPECT_EQ(problem(with_line(R"({"t":1,"call":"a","in":"x","from":"here"})")),
            "calls.rec:2: a message that came, without its bytes or without a flow, \"from\"");
  EXPECT_EQ(problem(with_line(R"({"t":1,"call":"a","n":7,"gave":1})")),
            "calls.rec:2: an answer to no question");
  EXPECT_EQ(problem(with_line(R"({"t":1,"call":"a"})")),
            "calls.rec:2: expected \"in\", \"out\", \"asks\", \"n\" or \"lost\"");
  EXPECT_EQ(problem(with_line(R"({"t":1,"dns":"MX x","gave":{"status":0}})")),
            "calls.rec:2: not an answer of a name server");
  EXPECT_EQ(problem(with_line(R"({"t":1,"dns":"SRV x","gave":{"status":0,"services":[{"a":1}]}})")),
            "calls.rec:2: not an answer of a name server");
  EXPECT_EQ(problem(with_line(R"({"t":18446744073709551615,"call":"a"})")),
            "calls.rec:2: expected the time, \"t\", in milliseconds");
  EXPECT_EQ(problem(std::string(kWhole) + "{\"t\":21}\n"),
            "calls.rec:12: a line behind the end of the record");
}

TEST(Record, OfAFileThatIsNotThereSaysWhy) {
  const auto record = Record::read("/no/such/record");
  ASSERT_FALSE(record);
  EXPECT_EQ(record.error(), "/no/such/record: No such file or directory");
}

}  // namespace
}  // namespace opensips::script_test
