// Whether bytes are UTF-8 as RFC 3629 §3 has it.
#pragma once

#include "lib/bytes/bytes.h"

namespace wardline::content {

/// False for overlong forms, surrogates, code points past U+10FFFF and sequences that are cut short.
bool is_utf8(ByteView bytes);

}  // namespace wardline::content
