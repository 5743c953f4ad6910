// What the system says of the server's process: its processor time and its memory.
#pragma once

#include <cstdint>

namespace wardline::client {

/// User and system time of all its threads, in seconds; 0 for no such process.
double cpu_seconds_of(int pid);
/// Bytes of memory that it holds now; 0 for no such process.
std::uint64_t resident_bytes_of(int pid);

}  // namespace wardline::client
