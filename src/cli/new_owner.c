/* SPDX-License-Identifier: Apache-2.0 */
/*
 * new_owner - see the header.
 *
 * Invariant: a passphrase lives in locked memory and in the one message that carries it,
 * which is wiped.
 */
#include "cli/new_owner.h"

#include <stdio.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "cli/client.h"
#include "cli/terminal.h"

enum { ASK_AGAIN_MAX = 3 };

static enum err ask(const char *question, struct secret *to)
{
	return terminal_ask_secret(question, (char *)secret_bytes(to),
				   CLIENT_PASSPHRASE_BYTES);
}

static bool same(const struct secret *a, const struct secret *b)
{
	return str_equal((const char *)secret_view(a), (const char *)secret_view(b));
}

enum err new_owner_ask_passphrase(const char *question, struct secret **out_passphrase,
				  struct err_note *note)
{
	struct secret *passphrase = NULL;
	struct secret *again = NULL;
	bool agreed = false;
	enum err err = secret_create(CLIENT_PASSPHRASE_BYTES, &passphrase);

	if (!err)
		err = secret_create(CLIENT_PASSPHRASE_BYTES, &again);
	for (int i = 0; !err && !agreed && i < ASK_AGAIN_MAX; i++) {
		if (i > 0)
			fputs("They differ.\n", stderr);
		err = ask(question, passphrase);
		agreed = !err && secret_view(passphrase)[0] == '\0';
		if (!err && !agreed) {
			err = ask("The same again:", again);
			agreed = !err && same(passphrase, again);
		}
	}
	if (!err && !agreed)
		err = err_say(ERR_FORMAT, note, "the passphrases differ");
	if (!err) {
		*out_passphrase = passphrase;
		passphrase = NULL;
	}
	secret_destroy(passphrase);
	secret_destroy(again);
	return err;
}

enum err new_owner_passphrase(const struct args *args, const char *what,
			      const char *question, struct secret **out_passphrase,
			      struct err_note *note)
{
	const char *path = args_text(args, "new-passphrase-file", NULL);

	if (path)
		return client_read_passphrase(path, out_passphrase, note);
	if (!terminal_asks())
		return err_say(ERR_MISSING, note,
			       "%s is needed: give --new-passphrase-file FILE, or run "
			       "this at a terminal",
			       what);
	return new_owner_ask_passphrase(question, out_passphrase, note);
}

enum err new_owner_create(struct link_client *client, const char *code, const char *name,
			  const struct secret *passphrase,
			  char recovery[NEW_OWNER_RECOVERY_BYTES], struct err_note *note)
{
	struct wire_owner_create create = {.code = ""};
	const struct wire_message *message = NULL;
	enum err err = OK;

	if (!str_copy(create.code, sizeof(create.code), code) ||
	    !str_copy(create.name, sizeof(create.name), name) ||
	    !str_copy(create.passphrase, sizeof(create.passphrase),
		      (const char *)secret_view(passphrase)))
		err = err_say(ERR_LIMIT, note,
			      "the name, the code or the passphrase is too long");
	if (!err)
		err = link_client_send_owner_create(client, &create, note);
	explicit_bzero(&create, sizeof(create));
	if (!err)
		err = client_expect_change(client, WIRE_owner_created, &message, note);
	if (!err)
		must(str_copy(recovery, NEW_OWNER_RECOVERY_BYTES,
			      message->owner_created.recovery));
	return err;
}
