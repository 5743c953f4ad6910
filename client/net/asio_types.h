// The two types of Asio that headers name. Whoever only holds or hands on such a reference need not read
// Asio, which takes a compiler longer than most of our files.
#pragma once

namespace boost::asio {
class io_context;
namespace ssl {
class context;
}
}  // namespace boost::asio
