/* SPDX-License-Identifier: Apache-2.0 */
/*
 * own_sentences - see the header.
 */
#include "own_sentences.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "unit/cmocka_all.h"

#include "base/file.h"
#include "base/str.h"

enum { FILE_BYTES_MAX = 1 << 20 };

static void add_file(struct sentences *sentences, const char *folder, const char *name)
{
	char path[FILE_PATH_BYTES];
	struct err_note note = {""};
	struct buf bytes;
	assert_true(file_join(path, sizeof(path), folder, name));
	if (file_read(path, FILE_BYTES_MAX, &bytes, &note) != OK)
		fail_msg("%s", note.text);
	const char *text = (const char *)bytes.bytes;
	if (sentences_add(sentences, name, text, strlen(text), &note) != OK)
		fail_msg("%s", note.text);
	buf_finish(&bytes);
}

struct sentences *own_sentences(void)
{
	char folder[FILE_PATH_BYTES];
	struct dirent **names = NULL;
	struct sentences *sentences = NULL;
	assert_true(file_join(folder, sizeof(folder), getenv("BEHEST_SOURCE"),
			      "share/lang/en"));
	assert_int_equal(sentences_create(&sentences), OK);
	int count = scandir(folder, &names, NULL, alphasort);
	assert_true(count > 0);
	for (int i = 0; i < count; i++) {
		if (str_ends(names[i]->d_name, ".yaml") &&
		    !str_equal(names[i]->d_name, "responses.yaml"))
			add_file(sentences, folder, names[i]->d_name);
		free(names[i]);
	}
	free(names);
	return sentences;
}

static struct understand *compiled(struct sentences *sentences, const struct home *home)
{
	struct understand *understand = NULL;
	struct err_note note = {""};
	if (understand_create(sentences, home, &understand, &note) != OK)
		fail_msg("%s", note.text);
	sentences_destroy(sentences);
	return understand;
}

struct understand *own_understand(const struct home *home)
{
	return compiled(own_sentences(), home);
}

struct understand *own_understand_with(const struct home *home, const char *name)
{
	char folder[FILE_PATH_BYTES];
	struct sentences *sentences = own_sentences();
	assert_true(file_join(folder, sizeof(folder), getenv("BEHEST_SOURCE"),
			      "share/lang/en/dialogue"));
	add_file(sentences, folder, name);
	return compiled(sentences, home);
}
