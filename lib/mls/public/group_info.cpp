#include "lib/mls/public/group_info.h"

namespace wardline::mls {

Bytes GroupInfo::to_be_signed() const {
  tls::Writer out;
  tls::write(out, group_context);
  tls::write(out, extensions);
  tls::write(out, confirmation_tag);
  tls::write(out, signer);
  return out.take();
}

}  // namespace wardline::mls
