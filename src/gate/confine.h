/* SPDX-License-Identifier: Apache-2.0 */
/*
 * confine - what the gate may still do once it has read its folder.
 */
#ifndef GATE_CONFINE_H
#define GATE_CONFINE_H

#include "base/err.h"
#include "domain/settings.h"

/* Cannot be undone. folder: where its ledger is. A mail server is reached only if one is
 * set, and a push server. */
MUST_CHECK enum err gate_confine(const struct settings *settings, const char *folder,
				 const char *run, struct err_note *note);

#endif
