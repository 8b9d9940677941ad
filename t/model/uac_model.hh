#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "model/model.hh"
#include "script_test/fake_names.hh"

namespace opensips::model {

using Lines = std::vector<std::string>;
using transaction::OwnRequest;
using transaction::UacId;
using transaction::UacOptions;

inline const std::string kPeer = "127.0.0.1:5080";

/// A user of the UAC, and a peer at 127.0.0.1:5080.
class UacTest : public ::testing::Test {
 protected:
  UacTest() : model(options(), nullptr, &names) {}

  static Shared::Options options() {
    Shared::Options options;
    options.user_agent_header = "Tester";
    options.resolver.try_ipv6 = false;
    return options;
  }
  static OwnRequest request(std::string_view method) {
    return {.method = method,
            .uri = "sip:peer@127.0.0.1:5080",
            .from = "<sip:server@example.com>",
            .to = "<sip:peer@example.com>"};
  }
  UacId send(const OwnRequest& request, const UacOptions& options = {}) {
    const auto id = model.stack.uac.send(request, options, [this](const auto& response) {
      heard.push_back(std::to_string(response->code()) +
                      (response->source().peer ? "" : " made here"));
      last = response;
      if (on_answer) on_answer();
    });
    EXPECT_TRUE(heard.empty()) << "inside send()";
    model.context.run_deferred();
    return id.value_or(UacId());
  }
  /// What went out since, as start lines; the whole of the last one is kept.
  Lines lines() {
    Lines all;
    for (auto& one : model.take()) {
      all.push_back(one.bytes.substr(0, one.bytes.find("\r\n")));
      sent = std::move(one);
    }
    return all;
  }
  std::string take() {
    lines();
    return sent.bytes;
  }
  void say(const std::string& request, unsigned code, const std::string& extra = {},
           const std::string& tag = "peer") {
    auto bytes = answer(request, code, tag);
    bytes.insert(bytes.find("\r\n") + 2, extra);
    model.receive(bytes, kPeer);
  }
  void expect_end() {
    model.pass(300'000);
    EXPECT_TRUE(model.idle());
    EXPECT_EQ(model.stack.uac.open(), 0U);
  }

  transport::FakeNames names;
  Model model;
  Lines heard;
  base::Ref<parser::Message> last;
  std::function<void()> on_answer;
  Network::Sent sent;
};

}  // namespace opensips::model
