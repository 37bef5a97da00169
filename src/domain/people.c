/* SPDX-License-Identifier: Apache-2.0 */
/*
 * people - the tables of roles and of the ways to a contact. Pure.
 */
#include "domain/people.h"

#include "base/must.h"
#include "base/str.h"

static const struct {
	const char *text;
	unsigned capabilities;
} ROLES[ROLE_COUNT] = {
#define ROLE(name, text, capabilities) [ROLE_##name] = {text, capabilities},
#include "domain/roles.def"
#undef ROLE
};

static const struct {
	const char *text;
	bool can_recall;
} KINDS[CONTACT_KIND_COUNT] = {
#define CONTACT(name, text, can_recall) [CONTACT_##name] = {text, can_recall},
	CONTACT_KINDS(CONTACT)
#undef CONTACT
};

const char *role_text(enum person_role role)
{
	must(role < ROLE_COUNT);
	return ROLES[role].text;
}

bool role_from_text(const char *text, enum person_role *out_role)
{
	for (size_t i = 0; i < ROLE_COUNT; i++) {
		if (!str_equal(ROLES[i].text, text))
			continue;
		*out_role = (enum person_role)i;
		return true;
	}
	return false;
}

unsigned role_capabilities(enum person_role role)
{
	must(role < ROLE_COUNT);
	return ROLES[role].capabilities;
}

const char *contact_kind_text(enum contact_kind kind)
{
	must(kind < CONTACT_KIND_COUNT);
	return KINDS[kind].text;
}

bool contact_kind_from_text(const char *text, enum contact_kind *out_kind)
{
	for (size_t i = 0; i < CONTACT_KIND_COUNT; i++) {
		if (!str_equal(KINDS[i].text, text))
			continue;
		*out_kind = (enum contact_kind)i;
		return true;
	}
	return false;
}

bool contact_kind_can_recall(enum contact_kind kind)
{
	must(kind < CONTACT_KIND_COUNT);
	return KINDS[kind].can_recall;
}
