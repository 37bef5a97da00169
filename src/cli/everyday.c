/* SPDX-License-Identifier: Apache-2.0 */
/*
 * everyday - asks for the rows and keeps them. Decides nothing.
 */
#include "cli/everyday.h"

#include <stdlib.h>

#include "base/str.h"

/* False: there are more of them than there can be, or it is no such row. */
static bool keep_row(void *context, const struct wire_message *message)
{
	struct everyday *everyday = context;

	if (message->type == WIRE_place_set)
		everyday->place = message->place_set;
	else if (message->type == WIRE_shop_set)
		everyday->shop = message->shop_set;
	else if (message->type == WIRE_shop_item &&
		 everyday->item_count < STR_COUNT(everyday->items))
		everyday->items[everyday->item_count++] = message->shop_item;
	else if (message->type == WIRE_spend_set &&
		 everyday->spend_count < STR_COUNT(everyday->spends))
		everyday->spends[everyday->spend_count++] = message->spend_set;
	else
		return message->type == WIRE_skill_set ||
		       message->type == WIRE_expose_set;
	return true;
}

enum err everyday_get(struct link_client *client, struct everyday **out_everyday,
		      struct err_note *note)
{
	static const struct wire_day_get get;
	struct everyday *everyday = calloc(1, sizeof(*everyday));
	enum err err = everyday ? OK : ERR_MEMORY;

	if (!err)
		err = link_client_send_day_get(client, &get, note);
	if (!err)
		err = client_read_rows(client, keep_row, everyday, note);
	if (!err) {
		*out_everyday = everyday;
		everyday = NULL;
	}
	everyday_destroy(everyday);
	return err;
}

void everyday_destroy(struct everyday *everyday)
{
	free(everyday);
}
