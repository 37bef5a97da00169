/* SPDX-License-Identifier: Apache-2.0 */
/* Asks hub or keeper for its status over the socket that each has for us. */
#include "cli/status.h"

#include "base/str.h"
#include "cli/client.h"

static enum err ask(struct link_client *client, char to[STATUS_BYTES_MAX],
		    struct err_note *note)
{
	static const struct wire_status_get get;
	const struct wire_message *message = NULL;
	enum err err = link_client_send_status_get(client, &get, note);

	if (!err)
		err = client_expect(client, WIRE_status, &message, note);
	if (!err && !str_copy(to, STATUS_BYTES_MAX, message->status.json))
		err = ERR_LIMIT;
	return err;
}

enum err status_of_hub(const struct paths *paths, char to[STATUS_BYTES_MAX],
		       struct err_note *note)
{
	struct link_client *client = NULL;
	enum err err = client_hub(paths, &client, note);

	if (!err)
		err = ask(client, to, note);
	link_client_close(client);
	return err;
}

enum err status_of_keeper(const struct paths *paths, char to[STATUS_BYTES_MAX],
			  struct err_note *note)
{
	struct link_client *client = NULL;
	enum err err = client_keeper(paths, &client, note);

	if (!err)
		err = ask(client, to, note);
	link_client_close(client);
	return err;
}
