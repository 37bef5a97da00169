/* SPDX-License-Identifier: Apache-2.0 */
/* incident_news - what an owner is told of incidents, at signing in and on a device. */
#ifndef CLI_INCIDENT_NEWS_H
#define CLI_INCIDENT_NEWS_H

#include <stdbool.h>
#include <stdio.h>

#include "wire/wire.h"

/* At signing in: one line on stderr for each kind, or none. */
void incident_news_signed_in(const struct wire_unlocked *told);
/* On a device. */
void incident_news_show(FILE *to, const struct wire_incident_news *news, bool as_json);

#endif
