#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "lp_routing/functions/table.hh"
#include "lp_routing/value.hh"
#include "manage/command.hh"

/// What script:record writes, for `opensips replay` to read.
namespace opensips::routing::recording {

using manage::Json;

/// Bytes as JSON has them: text, or {"$base64": …} for what is no UTF-8.
Json bytes_to_json(std::string_view bytes);
std::optional<std::string> bytes_of(const Json& json);

/// What stands for an object.
using ObjectJson = std::function<Json(const Object& object)>;

/// A value: what JSON has no word for is an object with one member, whose name begins with '$':
/// $base64, $number, $problem, $misuse, $response, $object, $map, $end.
Json to_json(const Value& value, const ObjectJson& object);

/// The value again; its names are those of `json`, which has to live as long. Nothing: it is none.
/// `functions` know the kinds of objects.
std::optional<Value> value_of(const Json& json, const FunctionTable& functions);

}  // namespace opensips::routing::recording
