/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opens our sockets and signs an owner in.
 *
 * Invariants: a passphrase lives in locked memory and in the one message that carries it,
 * and both are wiped before the call returns; nobody is told one before they proved to be
 * this house's keeper.
 */
#include "cli/client.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/must.h"
#include "base/str.h"
#include "cli/incident_news.h"
#include "cli/proof.h"
#include "cli/terminal.h"

static enum err say_not_there(enum err err, const char *path, const char *program,
			      struct err_note *note)
{
	if (err == ERR_MISSING || err == ERR_CLOSED)
		return err_say(err, note,
			       "%s: %s does not run there; start it: behest up", path,
			       program);
	return err_say(err, note, "%s: %s", path, err_words(err));
}

static enum err open_link(const char *path, enum wire_link kind, enum wire_party self,
			  const char *program, struct link_client **out_client,
			  struct err_note *note)
{
	struct err_note detail = {""};
	enum err err = link_client_open(path, kind, self, "behest", CLIENT_GREET_MS,
					out_client, &detail);

	return err ? say_not_there(err, path, program, note) : OK;
}

enum err client_hub(const struct paths *paths, struct link_client **out_client,
		    struct err_note *note)
{
	return open_link(paths->hub, WIRE_LINK_CLI_HUB, WIRE_PARTY_CLI, "the hub",
			 out_client, note);
}

enum err client_keeper(const struct paths *paths, struct link_client **out_client,
		       struct err_note *note)
{
	struct link_client *client = NULL;
	enum err err = open_link(paths->owner, WIRE_LINK_OWNER_KEEPER, WIRE_PARTY_OWNER,
				 "the keeper", &client, note);

	if (!err)
		err = proof_ask(client, paths, paths->owner, note);
	if (!err)
		*out_client = client;
	else
		link_client_close(client);
	return err;
}

enum err client_device(const struct paths *paths, struct link_client **out_client,
		       struct err_note *note)
{
	return open_link(paths->device, WIRE_LINK_DEVICE_KEEPER, WIRE_PARTY_DEVICE,
			 "the keeper", out_client, note);
}

enum err client_other(const struct wire_message *message, struct err_note *note)
{
	enum err err;

	if (message->type != WIRE_refused)
		return err_say(ERR_FORMAT, note, "an unexpected answer: %s",
			       wire_type_name(message->type));
	err = message->refused.err > OK && message->refused.err < ERR_COUNT
		      ? (enum err)message->refused.err
		      : ERR_DENIED;
	if (err == ERR_AUTH) /* a wrong passphrase is a refusal, not a failure */
		err = ERR_DENIED;
	if (message->refused.words[0])
		return err_say(err, note, "%s", message->refused.words);
	if (message->refused.reason[0])
		return err_say(err, note, "%s", message->refused.reason);
	return err_say(err, note, "refused: %s", err_words(err));
}

static enum err expect(struct link_client *client, enum wire_type type,
		       const struct wire_message **out_message, bool *out_refused,
		       struct err_note *note)
{
	const struct wire_message *message = NULL;
	enum err err = link_client_wait(client, CLIENT_ANSWER_MS, &message, note);

	if (err)
		return err_say(err, note, "no answer: %s", err_words(err));
	*out_refused = message->type == WIRE_refused;
	if (message->type != type)
		return client_other(message, note);
	*out_message = message;
	return OK;
}

enum err client_read_rows(struct link_client *client, client_keep_fn *keep, void *context,
			  struct err_note *note)
{
	for (;;) {
		const struct wire_message *message = NULL;
		enum err err = link_client_wait(client, CLIENT_ANSWER_MS, &message, note);

		if (err)
			return err_say(err, note, "no answer: %s", err_words(err));
		if (message->type == WIRE_end)
			return (enum err)message->end.err;
		if (!keep(context, message))
			return client_other(message, note);
	}
}

enum err client_expect(struct link_client *client, enum wire_type type,
		       const struct wire_message **out_message, struct err_note *note)
{
	bool refused = false;

	return expect(client, type, out_message, &refused, note);
}

enum err client_expect_change(struct link_client *client, enum wire_type type,
			      const struct wire_message **out_message,
			      struct err_note *note)
{
	bool refused = false;
	enum err err = expect(client, type, out_message, &refused, note);
	const bool cannot = err == ERR_BUSY || err == ERR_FORMAT || err == ERR_IO;

	return refused && !cannot ? ERR_DENIED : err;
}

enum err client_expect_done(struct link_client *client, struct err_note *note)
{
	const struct wire_message *message = NULL;
	enum err err = client_expect_change(client, WIRE_done, &message, note);

	if (message && message->done.err)
		err = err_say((enum err)message->done.err, note, "the keeper: %s",
			      err_words((enum err)message->done.err));
	return err;
}

/* The first line of a file, read without buffers that would keep it. */
enum err client_read_passphrase(const char *path, struct secret **out_passphrase,
				struct err_note *note)
{
	struct secret *secret = NULL;
	size_t used = 0;
	char *text;
	ssize_t got = 1;
	enum err err = secret_create(CLIENT_PASSPHRASE_BYTES, &secret);
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (err)
		goto out;
	if (fd < 0) {
		err = err_say(errno == ENOENT ? ERR_MISSING : ERR_IO, note,
			      "%s: expected a file with the passphrase: %s", path,
			      strerror(errno));
		goto out;
	}
	text = (char *)secret_bytes(secret);
	while (got > 0 && used < CLIENT_PASSPHRASE_BYTES - 1) {
		got = read(fd, text + used, CLIENT_PASSPHRASE_BYTES - 1 - used);
		used += got > 0 ? (size_t)got : 0;
	}
	text[strcspn(text, "\r\n")] = '\0';
	if (got < 0)
		err = err_say(ERR_IO, note, "%s: cannot be read: %s", path,
			      strerror(errno));
	else if (text[0] == '\0')
		err = err_say(ERR_FORMAT, note,
			      "%s:1: expected a passphrase, found an empty line", path);
	else if (strlen(text) == CLIENT_PASSPHRASE_BYTES - 1)
		err = err_say(ERR_LIMIT, note, "%s:1: a passphrase has at most %d bytes",
			      path, CLIENT_PASSPHRASE_BYTES - 2);
	if (err)
		goto out;
	*out_passphrase = secret;
	secret = NULL;
out:
	if (fd >= 0)
		close(fd);
	secret_destroy(secret);
	return err;
}

static enum err ask_passphrase(struct secret **out_passphrase, struct err_note *note)
{
	struct secret *secret = NULL;
	enum err err = secret_create(CLIENT_PASSPHRASE_BYTES, &secret);

	if (!err)
		err = terminal_ask_secret("passphrase:", (char *)secret_bytes(secret),
					  CLIENT_PASSPHRASE_BYTES);
	if (err) {
		secret_destroy(secret);
		return err_say(err, note, "no passphrase: %s", err_words(err));
	}
	*out_passphrase = secret;
	return OK;
}

enum err client_passphrase(const struct args *args, struct secret **out_passphrase,
			   struct err_note *note)
{
	const char *environment = getenv("BEHEST_PASSPHRASE_FILE");
	const char *path = args_text(args, "passphrase-file", environment);

	if (path && *path)
		return client_read_passphrase(path, out_passphrase, note);
	if (terminal_asks())
		return ask_passphrase(out_passphrase, note);
	return err_say(ERR_MISSING, note,
		       "a passphrase is needed: give --passphrase-file FILE, set "
		       "BEHEST_PASSPHRASE_FILE, or run this at a terminal");
}

static enum err unlock_as(struct link_client *client, const char *owner,
			  const struct secret *passphrase,
			  struct wire_unlocked *out_owner, struct err_note *note)
{
	struct wire_unlock unlock = {.owner = ""};
	const struct wire_message *message = NULL;
	enum err err = OK;

	if (!str_copy(unlock.owner, sizeof(unlock.owner), owner) ||
	    !str_copy(unlock.passphrase, sizeof(unlock.passphrase),
		      (const char *)secret_view(passphrase)))
		err = err_say(ERR_LIMIT, note,
			      "the owner's name or passphrase is too long");
	if (!err)
		err = link_client_send_unlock(client, &unlock, note);
	explicit_bzero(&unlock, sizeof(unlock));
	if (!err)
		err = client_expect(client, WIRE_unlocked, &message, note);
	if (err)
		return err;
	must(message);
	*out_owner = message->unlocked;
	incident_news_signed_in(out_owner);
	return OK;
}

enum err client_unlock(struct link_client *client, const char *owner,
		       const struct secret *passphrase, struct err_note *note)
{
	struct wire_unlocked who;

	return unlock_as(client, owner, passphrase, &who, note);
}

/* --owner, else the owner that the first run made. */
static enum err owner_name(const struct args *args, const struct paths *paths,
			   char to[NAME_BYTES], struct err_note *note)
{
	const char *given = args_text(args, "owner", NULL);
	struct buf bytes;
	enum err err = OK;

	if (given || !file_exists(paths->name))
		return str_copy(to, NAME_BYTES, given ? given : "owner")
			       ? OK
			       : err_say(ERR_LIMIT, note, "--owner: at most %d bytes",
					 NAME_BYTES - 1);
	err = file_read(paths->name, NAME_BYTES, &bytes, note);
	if (!err &&
	    !str_copy_bytes(to, NAME_BYTES, (const char *)bytes.bytes, bytes.size))
		err = err_say(ERR_LIMIT, note, "%s: not an owner's name", paths->name);
	if (!err)
		str_trim(to);
	buf_finish(&bytes);
	return err;
}

enum err client_sign_in_as(const struct args *args, const struct paths *paths,
			   struct link_client **out_client,
			   struct wire_unlocked *out_owner, struct err_note *note)
{
	struct link_client *client = NULL;
	struct secret *passphrase = NULL;
	char owner[NAME_BYTES] = "";
	enum err err = client_keeper(paths, &client, note);

	if (!err)
		err = owner_name(args, paths, owner, note);
	if (!err)
		err = client_passphrase(args, &passphrase, note);
	if (!err)
		err = unlock_as(client, owner, passphrase, out_owner, note);
	if (err)
		goto out;
	*out_client = client;
	client = NULL;
out:
	secret_destroy(passphrase);
	link_client_close(client);
	return err;
}

enum err client_sign_in(const struct args *args, const struct paths *paths,
			struct link_client **out_client, struct err_note *note)
{
	struct wire_unlocked who;

	return client_sign_in_as(args, paths, out_client, &who, note);
}
