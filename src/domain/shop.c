/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shop - see the header. Knows no clock: who counts what was spent, knows the day.
 */
#include "domain/shop.h"

#include "base/must.h"
#include "base/str.h"

enum { CENTS = 100 };

void shop_price(int64_t cents, const char *currency, char to[SHOP_PRICE_BYTES])
{
	const uint64_t whole = cents < 0 ? 0 : (uint64_t)cents;

	must(str_format(to, SHOP_PRICE_BYTES, "%llu.%02llu%s%.7s",
			(unsigned long long)(whole / CENTS),
			(unsigned long long)(whole % CENTS), currency[0] ? " " : "",
			currency));
}

enum reason shop_judge(const struct shop_policy *shop, const struct action *action)
{
	const struct shop_item *item = shop_item_find(shop, action->item);

	if (!shop->is_on)
		return REASON_SHOP_OFF;
	if (!item || item->cents == 0)
		return REASON_NOT_FOR_SALE;
	/* The catalogue's own spelling: what is approved is what the owner wrote. */
	if (!str_equal(item->name, action->item) || action->cents != item->cents ||
	    !str_equal(action->mode, shop_way_text(item->way)))
		return REASON_OUT_OF_RANGE;
	return item->cents > shop->order_cents ? REASON_TOO_DEAR : REASON_NONE;
}

enum reason shop_judge_spent(const struct shop_policy *shop, int64_t cents,
			     const struct shop_spent *spent)
{
	return spent->day_cents + cents > shop->day_cents ||
			       spent->person_cents + cents > spent->person_most
		       ? REASON_SPENT
		       : REASON_NONE;
}
