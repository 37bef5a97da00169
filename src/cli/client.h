/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client - the command line's conversations: with the hub, and as an owner or a device
 * with the keeper. What goes wrong is said in one line that names the socket and what to
 * do.
 */
#ifndef CLI_CLIENT_H
#define CLI_CLIENT_H

#include "adapter/link_unix.h"
#include "base/err.h"
#include "base/secret.h"
#include "cli/args.h"
#include "cli/paths.h"

enum {
	CLIENT_GREET_MS = 3000,
	CLIENT_ANSWER_MS = 15000, /* Argon2id and a whole turn fit */
	CLIENT_PASSPHRASE_BYTES = 512,
};

MUST_CHECK enum err client_hub(const struct paths *paths, struct link_client **out_client,
			       struct err_note *note);
/* At the keeper's owner socket, once it has proved to be the keeper. */
MUST_CHECK enum err client_keeper(const struct paths *paths,
				  struct link_client **out_client, struct err_note *note);
/* At its device socket, where it greets first: cli/device.c asks for the proof. */
MUST_CHECK enum err client_device(const struct paths *paths,
				  struct link_client **out_client, struct err_note *note);

/* Waits for a message of that type. `refused` and any other become an error with the
 * other side's words; ERR_DENIED where it gave a reason. */
MUST_CHECK enum err client_expect(struct link_client *client, enum wire_type type,
				  const struct wire_message **out_message,
				  struct err_note *note);
/* The same where a change was asked for: a refusal, for whatever reason, is ERR_DENIED;
 * only what the keeper could not do (ERR_BUSY, ERR_FORMAT, ERR_IO) is not. */
MUST_CHECK enum err client_expect_change(struct link_client *client, enum wire_type type,
					 const struct wire_message **out_message,
					 struct err_note *note);
MUST_CHECK enum err client_expect_done(struct link_client *client, struct err_note *note);
/* Takes one row; false: it is none of these, or one too many. */
typedef bool client_keep_fn(void *context, const struct wire_message *message);
/* Hands keep each row that the other side tells, up to its `end`, and says how that was. */
MUST_CHECK enum err client_read_rows(struct link_client *client, client_keep_fn *keep,
				     void *context, struct err_note *note);
/* The error that a message which was not waited for stands for. */
enum err client_other(const struct wire_message *message, struct err_note *note);

/* The passphrase: --passphrase-file, else $BEHEST_PASSPHRASE_FILE, else asked for at the
 * terminal. The secret holds text with its NUL. */
MUST_CHECK enum err client_passphrase(const struct args *args,
				      struct secret **out_passphrase,
				      struct err_note *note);
MUST_CHECK enum err client_read_passphrase(const char *path,
					   struct secret **out_passphrase,
					   struct err_note *note);

/* Opens the keeper's owner socket and unlocks the owner's key for this link. */
MUST_CHECK enum err client_sign_in(const struct args *args, const struct paths *paths,
				   struct link_client **out_client,
				   struct err_note *note);
/* The same, and says who that is. */
MUST_CHECK enum err client_sign_in_as(const struct args *args, const struct paths *paths,
				      struct link_client **out_client,
				      struct wire_unlocked *out_owner,
				      struct err_note *note);
MUST_CHECK enum err client_unlock(struct link_client *client, const char *owner,
				  const struct secret *passphrase, struct err_note *note);

#endif
