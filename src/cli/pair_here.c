/* SPDX-License-Identifier: Apache-2.0 */
/* pair_here - see the header: two links, one question and one answer each. */
#include "cli/pair_here.h"

#include <poll.h>

#include "base/str.h"
#include "cli/client.h"

enum err pair_code(struct link_client *owner, struct wire_id person, const char *name,
		   const struct wire_pair_offer **out_offer, struct err_note *note)
{
	struct wire_pair_begin begin = {.person = person};
	const struct wire_message *message = NULL;
	enum err err = OK;

	if (!str_copy(begin.name, sizeof(begin.name), name))
		return err_say(ERR_LIMIT, note, "the device's name is too long");
	err = link_client_send_pair_begin(owner, &begin, note);
	if (!err)
		err = client_expect(owner, WIRE_pair_offer, &message, note);
	if (!err)
		*out_offer = &message->pair_offer;
	return err;
}

/* The keeper refuses a code to the device, and a change of policy to the owner: whoever
 * is told first ends it. */
static enum err wait_both(struct link_client *owner, struct device_link *device,
			  struct err_note *note)
{
	const struct wire_message *message = NULL;
	struct pollfd ready[] = {
		{.fd = link_client_fd(owner), .events = POLLIN},
		{.fd = device_fd(device), .events = POLLIN},
	};
	enum err err = OK;

	if (poll(ready, STR_COUNT(ready), CLIENT_ANSWER_MS) <= 0)
		return err_say(ERR_TIMEOUT, note, "no answer from the keeper");
	if (!ready[0].revents)
		err = device_wait_paired(device, note);
	if (!err)
		err = client_expect(owner, WIRE_done, &message, note);
	if (!err && ready[0].revents)
		err = device_wait_paired(device, note);
	return err;
}

enum err pair_here(struct link_client *owner, struct wire_id person, const char *name,
		   const struct paths *paths, struct notices *notices,
		   struct device_link **out_device, struct err_note *note)
{
	const struct wire_pair_offer *offer = NULL;
	enum err err = pair_code(owner, person, name, &offer, note);

	if (!err)
		err = device_pair(paths, offer->code, name, notices, out_device, note);
	return err ? err : wait_both(owner, *out_device, note);
}
