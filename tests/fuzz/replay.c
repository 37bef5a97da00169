/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replay - the main of a fuzz target in the normal suite: runs every saved input.
 *
 * Takes files and folders (not nested). Fails when a folder is missing or holds nothing:
 * a target without inputs would test nothing.
 */
#include <dirent.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/file.h"
#include "base/must.h"

enum { INPUT_BYTES_MAX = 4 * 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static bool replay_file(const char *path)
{
	struct buf buf;
	struct err_note note = {0};
	enum err err = file_read(path, INPUT_BYTES_MAX, &buf, &note);
	if (err == OK)
		must(LLVMFuzzerTestOneInput(buf.bytes, buf.size) == 0);
	else
		fprintf(stderr, "%s\n", note.text);
	buf_finish(&buf);
	return err == OK;
}

static int replay_folder(DIR *folder, const char *path)
{
	int count = 0;
	for (const struct dirent *entry = readdir(folder); entry;
	     entry = readdir(folder)) {
		char file[FILE_PATH_BYTES];
		if (entry->d_name[0] == '.')
			continue;
		if (!file_join(file, sizeof(file), path, entry->d_name) ||
		    !replay_file(file))
			return 0;
		count++;
	}
	return count;
}

int main(int count, char **arguments)
{
	int total = 0;
	for (int i = 1; i < count; i++) {
		DIR *folder = opendir(arguments[i]);
		int inputs = folder ? replay_folder(folder, arguments[i])
				    : (replay_file(arguments[i]) ? 1 : 0);
		if (folder)
			closedir(folder);
		if (inputs == 0) {
			fprintf(stderr, "%s: no inputs\n", arguments[i]);
			return 1;
		}
		total += inputs;
	}
	printf("%d inputs\n", total);
	return total > 0 ? 0 : 1;
}
