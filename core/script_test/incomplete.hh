#pragma once

#include <vector>

#include "script_test/record.hh"

namespace opensips::script_test {

/// Of a record without an end, whose server was killed: what is said of its last moments is not all
/// there was. Says of each call, by its place, whether something of it was going on where the
/// record is cut: a request without its final answer, a function that waits, or anything at all
/// within the last second, which is more than any turn of a worker takes.
std::vector<bool> incomplete_calls(const Record& record);

}  // namespace opensips::script_test
