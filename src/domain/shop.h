/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shop - may this be ordered? By the owner's catalogue and limits alone.
 *
 * The same rules for who decides (the hub, which is only believed to ask) and who holds
 * what was asked for (the keeper, which looks again, and knows what was spent). Pure.
 */
#ifndef DOMAIN_SHOP_H
#define DOMAIN_SHOP_H

#include <stdint.h>

#include "domain/action.h"
#include "domain/day.h"
#include "domain/reason.h"

/* For `cents` of what is in words for people: "5.99 EUR". */
enum { SHOP_PRICE_BYTES = 32 };
void shop_price(int64_t cents, const char *currency, char to[SHOP_PRICE_BYTES]);

/* NONE; SHOP_OFF; NOT_FOR_SALE: it is not in the catalogue; OUT_OF_RANGE: the price or the
 * way is not the catalogue's; TOO_DEAR: more than one order may cost. */
enum reason shop_judge(const struct shop_policy *shop, const struct action *action);

/* What was spent within the last day, and what may be. */
struct shop_spent {
	int64_t day_cents;    /* by all */
	int64_t person_cents; /* by whoever approves */
	uint32_t person_most;
};

/* NONE; SPENT: the day's limit for all, or that of the person, does not reach. */
enum reason shop_judge_spent(const struct shop_policy *shop, int64_t cents,
			     const struct shop_spent *spent);

#endif
