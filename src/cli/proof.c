/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proof - one question with a fresh nonce, one signature. Whatever else comes for an answer
 * is none.
 */
#include "cli/proof.h"

#include <unistd.h>

#include "base/file.h"
#include "base/seal.h"
#include "cli/client.h"
#include "domain/proof.h"

enum err proof_mark(const struct paths *paths, struct keeper_mark *out_mark,
		    struct err_note *note)
{
	char folder[FILE_PATH_BYTES];

	if (!file_join(folder, sizeof(folder), paths->data, "keeper"))
		return err_say(ERR_LIMIT, note, "%s: the path is too long", paths->data);
	return keeper_mark_read(folder, out_mark, note);
}

static bool is_proved(const struct keeper_mark *mark,
		      const uint8_t nonce[PROOF_NONCE_BYTES],
		      const struct wire_slice *signature)
{
	uint8_t bytes[PROOF_BYTES];

	proof_bytes(mark->household, nonce, (uint32_t)getpid(), bytes);
	return signature->size == SEAL_SIGNATURE_BYTES &&
	       seal_verify_labelled(mark->key, PROOF_KEEPER_LABEL, bytes, sizeof(bytes),
				    signature->bytes) == OK;
}

enum err proof_ask(struct link_client *client, const struct paths *paths,
		   const char *socket, struct err_note *note)
{
	const struct wire_message *answer = NULL;
	uint8_t nonce[PROOF_NONCE_BYTES];
	const struct wire_prove prove = {.nonce = {nonce, sizeof(nonce)}};
	struct keeper_mark mark;
	enum err err = seal_init();

	if (!err)
		err = proof_mark(paths, &mark, note);
	if (err)
		return err;
	seal_random(nonce, sizeof(nonce));
	err = link_client_send_prove(client, &prove, NULL);
	if (!err)
		err = client_expect(client, WIRE_proof, &answer, NULL);
	if (!err && is_proved(&mark, nonce, &answer->proof.signature))
		return OK;
	return err_say(ERR_AUTH, note,
		       "%s: who answers there is not this house's keeper; it was told "
		       "nothing",
		       socket);
}
