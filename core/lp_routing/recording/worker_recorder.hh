#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "l0_transport/dns_cache.hh"
#include "loop/context.hh"
#include "lp_routing/recording/call_record.hh"
#include "lp_routing/recording/recorder.hh"

namespace opensips::routing::recording {

/// What a worker has of the recording: the calls that began here since it did. While nothing is
/// recorded, a message costs two loads.
class WorkerRecorder final : public Witnesses {
 public:
  /// Before the worker runs. All outlive it; it is destroyed when the worker has ended.
  WorkerRecorder(Recorder& recorder, loop::Context& context, transport::DnsCache& names,
                 Recorder::Post post);
  ~WorkerRecorder();
  WorkerRecorder(const WorkerRecorder&) = delete;
  WorkerRecorder& operator=(const WorkerRecorder&) = delete;

  std::shared_ptr<Witness> of(std::string_view call_id) override;
  /// It records no more, until there is another recording; unless it has begun with another than
  /// the one of that number.
  void detach(std::uint64_t number);
  /// The number of the recording that it has begun with; 0: none.
  std::uint64_t attached() const { return number_; }

 private:
  bool is_recording() const { return number_ != 0 || recorder_.number() != 0; }
  /// What is recorded now; nullptr: nothing is.
  Recording* recording();
  CallRecord* find(std::string_view call_id);
  void received(const parser::Message& message, bool is_good);
  void sent(const loop::Walk& walk);
  void resolved(const transport::DnsQuestion& question, const transport::DnsAnswer& answer);

  Recorder& recorder_;
  loop::Context& context_;
  std::uint64_t number_ = 0;
  std::shared_ptr<Recording> recording_;
  std::unordered_map<std::string, std::shared_ptr<CallRecord>> calls_;
  std::unordered_map<std::string, transport::DnsAnswer> names_;  // as they were answered last
};

}  // namespace opensips::routing::recording
