#include "lp_routing/recording/worker_recorder.hh"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <vector>

#include "l1_parser/message.hh"
#include "loop/passing_layer.hh"
#include "script_test/fake_names.hh"

namespace opensips::routing::recording {
namespace {

using loop::LayerId;
using loop::Verdict;
using loop::Walk;

struct LastLayer final : loop::Layer {
  Verdict up(Walk&) override { return Verdict::done; }
  Verdict down(Walk&) override { return Verdict::done; }
};

class WorkerRecorderTest : public testing::Test, public transport::DnsCache::Waiter {
 protected:
  WorkerRecorderTest() {
    std::filesystem::create_directory(folder);
    context.path.set(LayerId::transport, last);
    context.path.set(LayerId::parser, passing);
    context.path.set(LayerId::transaction, last);
    worker.emplace(recorder, context, cache, [this](const std::function<void()>& work) {
      work();
      posted.push_back(work);
    });
  }
  ~WorkerRecorderTest() override {
    worker.reset();
    std::filesystem::remove_all(folder);
  }

  std::string path(const std::string& name) const { return (folder / name).string(); }
  std::vector<std::string> lines(const std::string& name) const {
    std::vector<std::string> all;
    std::ifstream file(path(name));
    for (std::string line; std::getline(file, line);) all.push_back(line);
    return all;
  }
  void receive(const std::string& call_id) {
    auto walk = Walk::up(LayerId::parser);
    walk.message = parser::Message::parse(
                       "INVITE sip:b@x SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKa\r\n"
                       "From: <sip:alice@x>;tag=1\r\nTo: <sip:b@x>\r\nCall-ID: " +
                           call_id + "\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n",
                       {})
                       .message;
    context.path.launch(std::move(walk));
  }
  void answered(const transport::DnsAnswer&) override {}
  void look_up(const std::string& name) {
    const transport::DnsQuestion question{name, transport::DnsType::a};
    if (!cache.find(question)) cache.ask(question, *this);
    names.answer();
    context.run_deferred();
  }

  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("opensips-worker-" + std::to_string(getpid()));
  base::Stats stats;
  loop::Context context{0, 1, 1000, stats};
  LastLayer last;
  loop::PassingLayer passing;
  transport::FakeNames names;
  transport::DnsCache cache{context, &names, {}};
  transport::Sockets sockets;
  Recorder recorder{sockets};
  std::vector<std::function<void()>> posted;  // what has been done, to be done again
  std::optional<WorkerRecorder> worker;
};

TEST_F(WorkerRecorderTest, ALateEndOfOneRecordingIsNoneOfTheNext) {
  ASSERT_TRUE(recorder.start({.path = path("one"), .filter = {}}));
  receive("a");
  EXPECT_TRUE(worker->of("a"));
  EXPECT_TRUE(recorder.stop());
  EXPECT_FALSE(worker->of("a"));
  ASSERT_TRUE(recorder.start({.path = path("two"), .filter = {}}));
  receive("b");
  ASSERT_EQ(posted.size(), 1U);
  posted[0]();
  EXPECT_TRUE(worker->of("b"));
  EXPECT_TRUE(recorder.stop());
  EXPECT_FALSE(worker->of("b"));
}

TEST_F(WorkerRecorderTest, NamesAreWrittenWhileACallIsRecordedAndWhenTheyChange) {
  names.address("a.example", "192.0.2.1", 10);
  ASSERT_TRUE(recorder.start({.path = path("one"), .filter = {}}));
  look_up("a.example");
  receive("a");
  look_up("a.example");
  look_up("a.example");
  names.address("a.example", "192.0.2.2", 10);
  context.timers.advance(100'000);
  look_up("a.example");
  EXPECT_TRUE(recorder.stop());
  const auto all = lines("one");
  ASSERT_EQ(all.size(), 5U) << "the head, the call, two answers, the end";
  EXPECT_NE(all[2].find(R"("addresses":["192.0.2.1"])"), std::string::npos) << all[2];
  EXPECT_NE(all[3].find(R"("addresses":["192.0.2.1","192.0.2.2"])"), std::string::npos) << all[3];
}

TEST_F(WorkerRecorderTest, AFullFileTakesNoCallsAndNoNames) {
  names.address("a.example", "192.0.2.1", 10);
  ASSERT_TRUE(recorder.start({.path = path("one"), .filter = {}, .most = 400}));
  receive("a");
  receive("b");
  receive("c");
  look_up("a.example");
  const auto recording = recorder.current();
  EXPECT_TRUE(recording->is_full());
  EXPECT_EQ(recording->calls(), 2U);
  EXPECT_EQ(recording->dropped(), 1U);
  EXPECT_TRUE(recorder.stop());
  EXPECT_TRUE(lines("one").back().ends_with(R"("lost":["b"]})")) << lines("one").back();
}

}  // namespace
}  // namespace opensips::routing::recording
