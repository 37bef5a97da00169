/* SPDX-License-Identifier: Apache-2.0 */
/*
 * people_rows - who lives here and which devices are paired, as the keeper tells an owner.
 */
#ifndef CLI_PEOPLE_ROWS_H
#define CLI_PEOPLE_ROWS_H

#include <stddef.h>

#include "cli/client.h"
#include "domain/policy.h"

enum { PEOPLE_ROWS_PEOPLE_MAX = POLICY_PEOPLE_MAX + POLICY_OWNERS_MAX };

struct people_rows {
	size_t person_count;
	size_t device_count;
	struct wire_person people[PEOPLE_ROWS_PEOPLE_MAX];
	struct wire_device devices[POLICY_DEVICES_MAX];
};

/* The link must be unlocked. ERR_LIMIT: more than a policy holds. */
MUST_CHECK enum err people_rows_get(struct link_client *client,
				    struct people_rows *out_rows, struct err_note *note);

/* By their name, whatever its case. ERR_MISSING. */
MUST_CHECK enum err people_rows_find(const struct people_rows *rows, const char *name,
				     const struct wire_person **out_person,
				     struct err_note *note);
/* Whose a device is; "?" when nobody of that id lives here any more. */
const char *people_rows_name(const struct people_rows *rows, const uint8_t id[ID_BYTES]);

/* One that counts, by its name or its fingerprint (with or without spaces). ERR_MISSING;
 * ERR_EXISTS: several have that name. */
MUST_CHECK enum err people_rows_find_device(const struct people_rows *rows,
					    const char *word,
					    const struct wire_device **out_device,
					    struct err_note *note);
/* The first device that counts and that before does not have, or has as revoked. */
const struct wire_device *people_rows_new_device(const struct people_rows *rows,
						 const struct people_rows *before);

#endif
