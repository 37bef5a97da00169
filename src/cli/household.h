/* SPDX-License-Identifier: Apache-2.0 */
/*
 * household - who is enrolled, as the keeper tells a signed-in owner: people, contacts,
 * devices, and how long messages are held.
 */
#ifndef CLI_HOUSEHOLD_H
#define CLI_HOUSEHOLD_H

#include "adapter/link_unix.h"
#include "base/err.h"
#include "cli/args.h"
#include "cli/paths.h"
#include "domain/policy.h"

struct household {
	size_t person_count;
	struct wire_person people[POLICY_PEOPLE_MAX + POLICY_OWNERS_MAX];
	size_t contact_count;
	struct wire_contact contacts[POLICY_CONTACTS_MAX];
	size_t device_count;
	struct wire_device devices[POLICY_DEVICES_MAX];
	uint32_t hold_s;
};

/* The caller destroys *out_household. ERR_FORMAT: more than a house can have. */
MUST_CHECK enum err household_get(struct link_client *client,
				  struct household **out_household,
				  struct err_note *note);
/* Signs in and asks; the caller closes and destroys both, also after failure. */
MUST_CHECK enum err household_meet(const struct args *args, const struct paths *paths,
				   struct link_client **out_client,
				   struct household **out_household,
				   struct err_note *note);
void household_destroy(struct household *household); /* NULL is fine */

/* By name, ASCII-folded; ERR_MISSING with a note that says where to look. */
MUST_CHECK enum err household_person(const struct household *household, const char *name,
				     const struct wire_person **out_person,
				     struct err_note *note);
MUST_CHECK enum err household_contact(const struct household *household, const char *name,
				      const struct wire_contact **out_contact,
				      struct err_note *note);
/* The person of that id, or NULL. */
const struct wire_person *household_person_of(const struct household *household,
					      const uint8_t id[ID_BYTES]);
/* Their name; "?" when nobody of that id lives here any more. */
const char *household_name(const struct household *household, const uint8_t id[ID_BYTES]);

/* A device that counts, by its name or its fingerprint (with or without spaces).
 * ERR_MISSING; ERR_EXISTS: several have that name. */
MUST_CHECK enum err household_device(const struct household *household, const char *word,
				     const struct wire_device **out_device,
				     struct err_note *note);
/* The first device that counts and that before does not have, or has as revoked. */
const struct wire_device *household_new_device(const struct household *household,
					       const struct household *before);

#endif
