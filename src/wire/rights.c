/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rights - who may send what to whom, from rights.def.
 *
 * Nothing is permitted that is not a row. The table is made at compile time; a row that
 * names an unknown link, party or message does not compile.
 */
#include "base/must.h"
#include "wire/wire.h"

static const bool permitted[WIRE_LINK_COUNT][WIRE_PARTY_COUNT][WIRE_TYPE_MAX + 1] = {
#define RIGHT(link, sender, name) \
	[WIRE_LINK_##link][WIRE_PARTY_##sender][WIRE_##name] = true,
#include "wire/rights.def"
#undef RIGHT
};

static const struct {
	enum wire_party one;
	enum wire_party other;
} ends[WIRE_LINK_COUNT] = {
#define WIRE_LINK(name, one, other) \
	[WIRE_LINK_##name] = {WIRE_PARTY_##one, WIRE_PARTY_##other},
	WIRE_LINKS(WIRE_LINK)
#undef WIRE_LINK
};

static const char *const party_names[WIRE_PARTY_COUNT] = {
	[WIRE_PARTY_CLI] = "cli",       [WIRE_PARTY_DEVICE] = "device",
	[WIRE_PARTY_GATE] = "gate",     [WIRE_PARTY_HUB] = "hub",
	[WIRE_PARTY_KEEPER] = "keeper", [WIRE_PARTY_OWNER] = "owner",
	[WIRE_PARTY_PEER] = "peer",     [WIRE_PARTY_ROOM] = "room",
	[WIRE_PARTY_SKILLS] = "skills",
};

bool wire_may(enum wire_link link, enum wire_party sender, enum wire_type type)
{
	if ((unsigned)link >= WIRE_LINK_COUNT || (unsigned)sender >= WIRE_PARTY_COUNT ||
	    (unsigned)type > WIRE_TYPE_MAX)
		return false;
	return permitted[link][sender][type];
}

enum wire_party wire_other(enum wire_link link, enum wire_party self)
{
	must((unsigned)link < WIRE_LINK_COUNT);
	must(self == ends[link].one || self == ends[link].other);
	return self == ends[link].one ? ends[link].other : ends[link].one;
}

const char *wire_party_name(enum wire_party party)
{
	must((unsigned)party < WIRE_PARTY_COUNT);
	return party_names[party];
}
