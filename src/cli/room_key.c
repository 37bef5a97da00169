/* SPDX-License-Identifier: Apache-2.0 */
/* Opens a key file for its public half and closes it at once. */
#include "cli/room_key.h"

#include "adapter/identity.h"
#include "adapter/rand_system.h"
#include "base/seal.h"

enum err room_key_local(const struct paths *paths, const char *name,
			char to[KEY_TEXT_BYTES], struct err_note *note)
{
	const struct rand rand = rand_system();
	struct identity identity = {.seed = NULL};
	char path[FILE_PATH_BYTES];
	enum err err = seal_init();

	if (!err)
		err = name ? identity_room_path(path, paths->data, name)
			   : identity_hub_path(path, paths->data);
	if (err)
		return err_say(err, note, "%s: no key can be kept there", paths->data);
	err = identity_open(path, &rand, &identity, note);
	if (!err)
		err = key_to_text(identity.public_key, to);
	identity_close(&identity);
	return err;
}

void room_key_fingerprint(const char *key, char to[KEY_FINGERPRINT_BYTES])
{
	uint8_t bytes[KEY_TEXT_KEY_BYTES];

	to[0] = '\0';
	if (seal_init() == OK && key_from_text(key, bytes) == OK &&
	    key_fingerprint(bytes, to) != OK)
		to[0] = '\0';
}
