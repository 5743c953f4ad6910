#include "lib/mls/public/extension.h"

#include <algorithm>

namespace wardline::mls {

const Extension* find_extension(const Extensions& extensions, ExtensionType type) {
  const auto found = std::ranges::find(extensions, type, &Extension::type);
  return found == extensions.end() ? nullptr : &*found;
}

bool has_duplicate_types(const Extensions& extensions) {
  std::vector<ExtensionType> types;
  types.reserve(extensions.size());
  for (const Extension& extension : extensions) types.push_back(extension.type);
  std::ranges::sort(types);
  return std::ranges::adjacent_find(types) != types.end();
}

}  // namespace wardline::mls
