/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wake_tally - see the header. Adds up; what the sums mean is said by who asked.
 */
#include "cli/wake_tally.h"

#include "base/must.h"
#include "cli/command.h"

struct wake_tally wake_tally_count(const struct listing *listing,
				   const struct wake_heard *heard, size_t first,
				   size_t files)
{
	struct wake_tally tally = {.files = files};

	must(first + files <= listing->count);
	for (size_t i = first; i < first + files; i++) {
		if (heard[i].complaint.text[0]) {
			tally.unread++;
			continue;
		}
		tally.missed += heard[i].sure == 0;
		tally.missed_all += heard[i].sure + heard[i].doubtful == 0;
		tally.missed_second += heard[i].sure + heard[i].passed == 0;
		tally.passed += heard[i].passed;
		tally.sure += heard[i].sure;
		tally.doubtful += heard[i].doubtful;
		tally.hours += heard[i].seconds / 3600;
	}
	return tally;
}

bool wake_tally_complain(const struct listing *listing, const struct wake_heard *heard)
{
	bool any = false;

	for (size_t i = 0; i < listing->count; i++) {
		if (!heard[i].complaint.text[0])
			continue;
		(void)command_fail(CLI_FAILED, "%s", heard[i].complaint.text);
		any = true;
	}
	return any;
}
