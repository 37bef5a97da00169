/* SPDX-License-Identifier: Apache-2.0 */
/*
 * everyday - what an owner decided about everyday things, as the keeper tells it: the place
 * of the weather, the shop, and who may spend how much.
 */
#ifndef CLI_EVERYDAY_H
#define CLI_EVERYDAY_H

#include "cli/args.h"
#include "cli/client.h"
#include "cli/paths.h"
#include "domain/day.h"

struct everyday {
	struct wire_place_set place;
	struct wire_shop_set shop;
	size_t item_count;
	struct wire_shop_item items[SHOP_ITEMS_MAX];
	size_t spend_count;
	struct wire_spend_set spends[SHOP_SPENDS_MAX];
};

/* Asks for it over a link that is signed in. Rows of other things are passed over. */
MUST_CHECK enum err everyday_get(struct link_client *client,
				 struct everyday **out_everyday, struct err_note *note);
void everyday_destroy(struct everyday *everyday); /* NULL is fine */

#endif
