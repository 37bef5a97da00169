/* SPDX-License-Identifier: Apache-2.0 */
/*
 * day - what an owner decided about everyday things: where the weather is asked for, what
 * may be ordered and for how much, which skills run, and which devices a voice may name
 * where.
 *
 * A plain value, part of the policy: nothing of it is there until an owner signs it. One
 * layout of bytes serves the keeper's row and the wire. Pure.
 */
#ifndef DOMAIN_DAY_H
#define DOMAIN_DAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/pack.h"
#include "domain/ids.h"

enum {
	PLACE_LATITUDE_MAX = 9000, /* hundredths of a degree */
	PLACE_LONGITUDE_MAX = 18000,
	SHOP_ITEMS_MAX = 64,
	SHOP_SPENDS_MAX = 48,
	SHOP_CENTS_MAX = 10 * 1000 * 1000, /* of one thing, and of a day */
	SHOP_CURRENCY_BYTES = 4,
	SHOP_URL_BYTES = 200,
	SHOP_MAIL_BYTES = 128,
	SKILL_HASH_BYTES = 32,
	SKILL_NAME_BYTES = 32,
	SKILL_HOST_BYTES = 128,
	SKILL_HOSTS_MAX = 4,
	SKILLS_MAX = 16,
	EXPOSURES_MAX = 128,
	EXPOSURE_ENTITY_BYTES = 128,
};

/* Where the weather is asked for; the service learns it. */
struct place_policy {
	bool is_set;
	char name[NAME_BYTES];
	int32_t latitude;  /* hundredths of a degree, north */
	int32_t longitude; /* the same, east */
};

/* How an order leaves: SHOP_WAY(NAME, "name"). */
#define SHOP_WAYS(SHOP_WAY)          \
	SHOP_WAY(LIST, "list")       \
	SHOP_WAY(WEBHOOK, "webhook") \
	SHOP_WAY(MAIL, "mail")

enum shop_way {
#define SHOP_WAY(name, text) SHOP_##name,
	SHOP_WAYS(SHOP_WAY)
#undef SHOP_WAY
		SHOP_WAY_COUNT
};

/* What can be ordered here at all, under the name it is asked for by. */
struct shop_item {
	char name[NAME_BYTES];
	uint32_t cents;
	enum shop_way way;
};

struct shop_policy {
	bool is_on;
	char currency[SHOP_CURRENCY_BYTES]; /* "EUR" */
	uint32_t order_cents;               /* one order costs at most so much */
	uint32_t day_cents;                 /* all of a day, whoever approves them */
	/* Where orders go; the hub is told neither. "": that way is closed. */
	char webhook[SHOP_URL_BYTES];
	char mail[SHOP_MAIL_BYTES];
	size_t item_count;
	struct shop_item items[SHOP_ITEMS_MAX];
};

/* What one person's devices approve in a day at most; who is not listed: the day's limit
 * for owners and nothing for anybody else. */
struct spend_policy {
	struct person_id person;
	uint32_t day_cents;
};

/* A skill that was reviewed as it was then: any other byte of it, and it does not run. */
struct skill_policy {
	char name[SKILL_NAME_BYTES];
	uint8_t hash[SKILL_HASH_BYTES]; /* SHA-256 over its folder */
	size_t host_count;
	char hosts[SKILL_HOSTS_MAX][SKILL_HOST_BYTES]; /* all that is fetched for it */
};

/* Whether a voice may name a device: in one room, or everywhere. */
struct exposure_policy {
	char entity[EXPOSURE_ENTITY_BYTES];
	struct room_name room; /* "": all rooms that have no row of their own */
	bool is_exposed;
};

struct day_policy {
	struct place_policy place;
	struct shop_policy shop;
	size_t spend_count;
	struct spend_policy spends[SHOP_SPENDS_MAX];
	size_t skill_count;
	struct skill_policy skills[SKILLS_MAX];
	size_t exposure_count;
	struct exposure_policy exposures[EXPOSURES_MAX];
};

/* No place, no shop, no skill. */
void day_init(struct day_policy *day);

const char *shop_way_text(enum shop_way way);
bool shop_way_from_text(const char *text, enum shop_way *out_way);

/* By name, however it is written; NULL: it is not sold here. */
const struct shop_item *shop_item_find(const struct shop_policy *shop, const char *name);
/* NULL: nobody approved it. */
const struct skill_policy *day_skill(const struct day_policy *day, const char *name);
/* What that person's devices approve in a day; is_owner: who is not listed. */
uint32_t day_spend_cents(const struct day_policy *day, struct person_id person,
			 bool is_owner);
/* May a voice in that room name the entity? by_default where no owner said anything. */
bool day_exposes(const struct day_policy *day, const char *entity, const char *room,
		 bool by_default);

/* All values within their limits, all texts lines, no name twice. */
bool day_is_sound(const struct day_policy *day);

/* As bytes: docs/FORMATS.md, layout 6 of a policy row. unpack leaves overrun set for what is
 * not sound. */
enum { DAY_BYTES_MAX = 64 * 1024 };
void day_pack(struct pack *pack, const struct day_policy *day);
void day_unpack(struct unpack *unpack, struct day_policy *day);

#endif
