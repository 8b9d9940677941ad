#include "lp_routing/recording/worker_recorder.hh"

#include <utility>

#include "l1_parser/peek.hh"
#include "lp_routing/recording/dns_json.hh"

namespace opensips::routing::recording {
namespace {

/// Of which it is known how they were answered last: about 1 MB. One that is forgotten is written
/// again.
constexpr std::size_t kMostNames = 4096;

}  // namespace

using loop::LayerId;
using loop::Verdict;
using loop::Walk;

WorkerRecorder::WorkerRecorder(Recorder& recorder, loop::Context& context,
                               transport::DnsCache& names, Recorder::Post post)
    : recorder_(recorder), context_(context) {
  context.path.after(LayerId::parser, Walk::Direction::up, [this](Walk& walk, Verdict verdict) {
    if (is_recording() && walk.message) received(*walk.message, verdict == Verdict::up);
    return verdict;
  });
  context.path.before(LayerId::transport, Walk::Direction::down, [this](Walk& walk) {
    sent(walk);
    return std::optional<Verdict>();
  });
  names.set_listener([this](const transport::DnsQuestion& question,
                            const transport::DnsAnswer& answer) { resolved(question, answer); });
  recorder.join(*this, std::move(post));
}

WorkerRecorder::~WorkerRecorder() {
  recorder_.leave(*this);
}

Recording* WorkerRecorder::recording() {
  const auto number = recorder_.number();
  if (number == number_) return recording_.get();
  if (number == 0) return recording_.get();  // until detach()
  detach(number_);
  recording_ = recorder_.current();
  number_ = recording_ ? recording_->number() : 0;
  return recording_.get();
}

void WorkerRecorder::detach(std::uint64_t number) {
  if (number != number_) return;
  if (recording_) recording_->ends_at(context_.now());
  recording_.reset();
  number_ = 0;
  calls_.clear();
  names_.clear();
}

CallRecord* WorkerRecorder::find(std::string_view call_id) {
  if (calls_.empty()) return nullptr;
  const auto found = calls_.find(std::string(call_id));
  return found == calls_.end() ? nullptr : found->second.get();
}

std::shared_ptr<Witness> WorkerRecorder::of(std::string_view call_id) {
  if (calls_.empty()) return nullptr;
  const auto found = calls_.find(std::string(call_id));
  return found == calls_.end() ? nullptr : found->second;
}

/// A call begins with a good request outside of a dialog.
void WorkerRecorder::received(const parser::Message& message, bool is_good) {
  Recording* const recording = this->recording();
  if (!recording) return;
  if (auto* const known = find(message.call_id())) {
    return known->received(message.raw(), message.source());
  }
  const bool begins = is_good && message.is_request() && message.to().tag.empty() &&
                      message.method() != parser::Method::ack &&
                      message.method() != parser::Method::cancel;
  if (!begins || !recording->takes(message)) return;
  std::string call_id(message.call_id());
  auto record = std::make_shared<CallRecord>(call_id, recording_, context_);
  record->received(message.raw(), message.source());
  calls_.emplace(std::move(call_id), std::move(record));
}

void WorkerRecorder::sent(const Walk& walk) {
  if (calls_.empty() || !walk.wire) return;
  const auto bytes = walk.wire->view();
  if (auto* const known = find(parser::peek(bytes).call_id)) known->sent(bytes, walk.flow);
}

/// Which call it is for is not known here: while one is recorded, those of all calls are written.
void WorkerRecorder::resolved(const transport::DnsQuestion& question,
                              const transport::DnsAnswer& answer) {
  if (calls_.empty() || recording_->is_full()) return;
  const auto text = dns_question_text(question);
  const auto known = names_.find(text);
  if (known != names_.end() && is_same(known->second, answer)) return;
  if (known == names_.end() && names_.size() >= kMostNames) names_.clear();
  names_.insert_or_assign(text, answer);
  const bool is_written =
      recording_->add(context_.now(), {{"dns", bytes_to_json(text)}, {"gave", to_json(answer)}});
  if (!is_written) names_.erase(text);
}

}  // namespace opensips::routing::recording
