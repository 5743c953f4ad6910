// Patients over HTTP (docs/api.md, SAF-1).
#pragma once

#include "server/clinical/patients.h"
#include "server/http/router.h"

namespace wardline::http {

/// `patients` outlives the router.
void add_patient_routes(Router& router, clinical::Patients& patients);

}  // namespace wardline::http
