/* SPDX-License-Identifier: Apache-2.0 */
/*
 * incident_notice - drafts what an authority (GDPR, Article 33 (3)) and those whose data it is
 * (Article 34 (2)) are to be told, in plain language.
 *
 * Of what the keeper read in its journal and of the steps that were written down alone: what,
 * whose, how many, since when, what was done. Never of words that were spoken, nor of those of
 * whoever reported it. Pure.
 */
#ifndef CLI_INCIDENT_NOTICE_H
#define CLI_INCIDENT_NOTICE_H

#include "base/buf.h"
#include "base/err.h"
#include "cli/incidents.h"

enum { INCIDENT_NOTICE_BYTES_MAX = 1024 * 1024 };

/* Adds the text to the buf. ERR_LIMIT, ERR_MEMORY. */
MUST_CHECK enum err incident_notice_write(const struct incident_view *view,
					  const struct wire_incident_facts *facts,
					  int64_t now_ms, struct buf *to);

#endif
