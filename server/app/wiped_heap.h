// Memory that is given back is wiped: of passwords, names and search words that passed through the server
// nothing is left for a core dump, a debugger or a swapped page to show (AUD-3).
#pragma once

namespace wardline::app {

/// To be called once at the start of the program: brings the wiping heap into it. All that is given back from
/// then on, by our own code and by every library, is overwritten first. (A build under a sanitizer, which has
/// a heap of its own, goes without.)
void use_wiped_heap();

}  // namespace wardline::app
