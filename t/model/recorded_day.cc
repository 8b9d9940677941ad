#include "model/recorded_day.hh"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <utility>

namespace opensips::model {

const char* const kScriptOfTheDay = R"lua(
local sip = require "sip"
sip.on_request(function(req)
  local user = req.ruri.user
  local kind = user:match "^%a+"
  if kind == "gone" then return req:reply(404) end
  req:set_header("X-Number", tostring(sip.shared("calls"):increase("all")))
  req:set_header("X-Dice", tostring(sip.random(1, 1000000)))
  local to = "sip:" .. user .. "@127.0.0.2:5070"
  if kind == "sleepy" then
    sip.sleep "1500ms"
  elseif kind == "queried" then
    local rows = sip.sql("sqlite:///x"):query("SELECT target FROM routes WHERE user = ?", user)
    to = rows[1].target
  elseif kind == "asked" then
    local answer = sip.http.get("http://routes.example/" .. user)
    if not answer then return req:reply(503) end
    to = answer.body
  elseif kind == "named" then
    to = "sip:" .. user .. "@pbx.example"
  elseif kind == "kept" then
    req:create_dialog():set_profile("kept")
    req:set_header("X-Kept", tostring(sip.dialog.profile_size("kept")))
  elseif kind == "forked" then
    local res = req:fork { to, "sip:" .. user .. "@127.0.0.3:5071" }
    if res then return res:forward() end
    return
  end
  local carriers = {busy = "sip:carrier-a.example", cancelled = "sip:carrier-b.example"}
  return req:relay{uri = to, next_hop = carriers[kind]}
end)
)lua";

namespace {

constexpr std::uint64_t kApart = 8640;          // ms: ten thousand calls are a day
constexpr std::int64_t kBegan = 1'767'225'600;  // seconds since 1970
constexpr std::uint16_t kCaller = 5070;

std::string kind_of(std::string_view name) {
  return std::string(name.substr(0, name.find_first_of("-@")));
}

std::string value(const std::string& message, std::string_view name) {
  const auto all = values(message, name);
  return all.empty() ? std::string() : all.front();
}

std::string after(const std::string& text, std::string_view mark, std::string_view end) {
  const auto begin = text.find(mark);
  if (begin == std::string::npos) return {};
  const auto from = begin + mark.size();
  return text.substr(from, text.find_first_of(end, from) - from);
}

std::string branch_of(const std::string& message) {
  return after(value(message, "Via"), "branch=", ";, ");
}

base::Flow flow_of(std::uint16_t port) {
  return {.peer = *base::Address::parse("127.0.0.9", port),
          .socket = 0,
          .transport = base::Transport::udp};
}

}  // namespace

RecordedDay::RecordedDay(unsigned calls)
    : folder_(std::filesystem::temp_directory_path() /
              ("opensips-day-" + std::to_string(getpid()) + "-" + std::to_string(calls))),
      server_(std::make_unique<script_test::TestCase>(std::vector<std::string>(), kBegan, 7)) {
  std::filesystem::remove_all(folder_);
  std::filesystem::create_directory(folder_);
  config_ = config_with("as_recorded", kScriptOfTheDay);
  record_ = (folder_ / "day.rec").string();
  const auto started = server_->start(config_, {});
  EXPECT_TRUE(started) << started.error();
  if (!started) return;
  lay_out_answers("127.0.0.4");

  // What was before is not in it, but has left its traces.
  const std::uint64_t begin = script_test::TestCase::now();
  for (unsigned i = 0; i < 5; ++i) {
    send(100 * i,
         Request{.uri = "sip:answered@127.0.0.1:5060",
                 .branch = "z9hG4bKbefore" + std::to_string(i),
                 .call_id = "answered-before-" + std::to_string(i)}
             .bytes(),
         kCaller);
  }
  run_until(begin + 60'000);
  command("script:record", {record_});
  for (unsigned i = 0; i < calls; ++i) {
    const auto id = kKindsOfCalls[i % kKindsOfCalls.size()] + "-" + std::to_string(i);
    air_.emplace(begin + 60'001 + i * kApart, Packet{request_of_caller(id).bytes(), kCaller});
    if (i != calls / 2) continue;
    run_until(begin + 60'001 + i * kApart - 1);
    lay_out_answers("127.0.0.5");  // others, in the second half
  }
  run_until(begin + 60'000 + calls * kApart + 600'000);
  command("script:record_off", {});
  server_.reset();
}

RecordedDay::~RecordedDay() {
  server_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::string RecordedDay::config_with(const std::string& name, const std::string& script) const {
  const auto route = folder_ / (name + ".lua");
  std::ofstream(route) << script;
  const auto config = folder_ / (name + ".cfg");
  std::ofstream(config) << "socket=udp:127.0.0.1:5060\nscript=\"" << route.string() << "\"\n";
  return config.string();
}

void RecordedDay::command(const std::string& name, const std::vector<std::string>& arguments) {
  const auto done = server_->server()->command(name, arguments);
  EXPECT_TRUE(done) << name << ": " << done.error();
}

/// The last that is laid out is given.
void RecordedDay::lay_out_answers(const std::string& host) {
  auto& answers = server_->answers();
  answers.add({.service = script_test::Service::sql,
               .pattern = "SELECT target*",
               .reply = storage::Outcome(storage::Rows{
                   .columns = {"target"}, .rows = {{"sip:answered@" + host + ":5070"}}})});
  transport::HttpResponse page;
  page.status = 200;
  page.body = "sip:busy@" + host + ":5070";
  answers.add({.service = script_test::Service::http,
               .pattern = "GET http://routes.example/*",
               .reply = transport::WebServers::Result(page),
               .after_ms = 80});
  server_->server()->add_addresses("pbx.example", {host});
  server_->server()->add_addresses("carrier-a.example", {"127.0.0.6"});
  server_->server()->add_addresses("carrier-b.example", {"127.0.0.7"});
}

Request RecordedDay::request_of_caller(const std::string& id) const {
  return {.uri = "sip:" + id + "@127.0.0.1:5060",
          .branch = "z9hG4bK" + id,
          .from_tag = "from-" + id,
          .call_id = id};
}

void RecordedDay::send(std::uint64_t after, std::string bytes, std::uint16_t port) {
  air_.emplace(script_test::TestCase::now() + after, Packet{std::move(bytes), port});
}

void RecordedDay::run_until(std::uint64_t time) {
  while (true) {
    const auto timer = server_->server()->next_due();
    const auto packet = air_.begin();
    if (packet != air_.end() && packet->first <= time && (!timer || packet->first < *timer)) {
      server_->advance_to(packet->first);
      const Packet sent = std::move(packet->second);
      air_.erase(packet);
      server_->server()->receive(sent.bytes, flow_of(sent.port));
    } else if (timer && *timer <= time) {
      server_->advance_to(*timer);
    } else {
      return server_->advance_to(time);
    }
    take();
  }
}

void RecordedDay::take() {
  for (const auto& sent : server_->server()->take()) {
    if (sent.bytes.starts_with("SIP/2.0 ")) {
      at_caller(sent.bytes);
    } else {
      at_callee(sent.bytes, sent.to.peer.port());
    }
  }
}

void RecordedDay::at_callee(const std::string& request, std::uint16_t port) {
  const auto method = request.substr(0, request.find(' '));
  const auto tag = "to-" + std::to_string(port);
  if (method == "BYE") return send(3, answer(request, 200, tag), port);
  if (method == "CANCEL") {
    send(2, answer(request, 200, tag), port);
    return send(3, answer(invites_[branch_of(request)], 487, tag), port);
  }
  if (method != "INVITE" || !invites_.emplace(branch_of(request), request).second) return;
  const auto kind = kind_of(after(request, "INVITE sip:", " "));
  if (kind == "silent") return;
  send(40, answer(request, 180, tag), port);
  if (kind == "busy") return send(700, answer(request, 486, tag), port);
  if (kind == "cancelled" || port == 5071) return;
  send(1900, answer(request, 200, tag), port);
}

void RecordedDay::at_caller(const std::string& response) {
  const auto code = std::stoul(response.substr(8, 3));
  const auto id = value(response, "Call-ID");
  if (id.find("before") != std::string::npos || code == 100) return;
  Request request = request_of_caller(id);
  if (!value(response, "CSeq").ends_with("INVITE")) return;
  request.to_tag = after(value(response, "To"), ";tag=", ";");
  if (code == 180 && kind_of(id) == "cancelled") {
    request.method = "CANCEL";
    request.to_tag.clear();
    return send(800, request.bytes(), kCaller);
  }
  if (code < 200) return;
  request.method = "ACK";
  if (code >= 300) return send(1, request.bytes(), kCaller);
  request.branch += "ack";
  request.uri = "sip:callee@127.0.0.1:5080";
  for (const auto& route : values(response, "Record-Route")) {
    request.extra += "Route: " + route + "\r\n";
  }
  send(5, request.bytes(), kCaller);
  request.method = "BYE";
  request.branch += "bye";
  request.cseq = 2;
  send(20'000, request.bytes(), kCaller);
}

}  // namespace opensips::model
