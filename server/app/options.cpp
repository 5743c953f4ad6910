#include "server/app/options.h"

namespace wardline::app {

BackendOptions backend_options_of(const Configuration& configuration) {
  BackendOptions options;
  options.data = configuration.data;
  options.postgres = configuration.postgres;
  options.organisation = configuration.organisation;
  options.relying_party.id = configuration.host();
  options.relying_party.name = configuration.organisation;
  options.relying_party.origins = {configuration.origin};
  options.log_host = configuration.host();
  options.sessions.idle = configuration.session_idle;
  options.sessions.lifetime = configuration.session_lifetime;
  options.files = configuration.files;
  return options;
}

}  // namespace wardline::app
