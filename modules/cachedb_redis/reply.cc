#include "cachedb_redis/reply.hh"

#include <utility>

#include "storage/reply_tree.hh"

namespace opensips::cachedb_redis {

using storage::Row;

/// What the library's parser calls for each value, in the order in which they come. What it gets
/// only says that there is one: there is nothing to free. Sizes have other types in other versions
/// of the library.
struct Making {
  static ReplyReader& reader(const redisReadTask* task) {
    return *static_cast<ReplyReader*>(task->privdata);
  }
  static void* add(const redisReadTask* task, Row row) {
    ReplyReader& to = reader(task);
    return to.add(std::move(row)) ? &to : nullptr;
  }
  static void* text(const redisReadTask* task, char* bytes, std::size_t size) {
    std::string text(bytes, size);
    if (task->type == REDIS_REPLY_ERROR && !task->parent) reader(task).made_.error = text;
    return add(task, storage::value_row(std::move(text)));
  }
  static void* integer(const redisReadTask* task, long long number) {
    return add(task, storage::value_row(std::int64_t{number}));
  }
  static void* nil(const redisReadTask* task) {
    return add(task, storage::value_row(std::monostate()));
  }
  template <class Size>
  static void* list(const redisReadTask* task, Size size) {
    if (static_cast<std::size_t>(size) > storage::kMostReplyValues) return nullptr;
    return add(task, storage::list_row(static_cast<std::size_t>(size)));
  }

  static redisReplyObjectFunctions* functions() {
    static redisReplyObjectFunctions all = [] {
      redisReplyObjectFunctions made{};
      made.createString = text;
      made.createArray = list;
      made.createInteger = integer;
      made.createNil = nil;
      made.freeObject = [](void*) {};
      return made;
    }();
    return &all;
  }
};

ReplyReader::ReplyReader() : reader_(redisReaderCreateWithFunctions(Making::functions())) {
  reader_->privdata = this;
}

bool ReplyReader::add(Row row) {
  if (made_.rows.size() >= storage::kMostReplyValues) return false;
  made_.rows.push_back(std::move(row));
  return true;
}

ReplyReader::Progress ReplyReader::feed(std::string_view bytes) {
  bytes_ += bytes.size();
  if (bytes_ > kMostBytes) {
    problem_ = "its answer is too large";
    return Progress::broken;
  }
  void* whole = nullptr;
  if (redisReaderFeed(reader_.get(), bytes.data(), bytes.size()) != REDIS_OK ||
      redisReaderGetReply(reader_.get(), &whole) != REDIS_OK) {
    const bool too_large = reader_->err == REDIS_ERR_OOM;
    problem_ = too_large ? "its answer is too large" : std::string("no Redis: ") + reader_->errstr;
    return Progress::broken;
  }
  return whole ? Progress::whole : Progress::needs_more;
}

Reply ReplyReader::take() {
  bytes_ = 0;
  return std::exchange(made_, {});
}

}  // namespace opensips::cachedb_redis
