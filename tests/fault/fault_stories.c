/* SPDX-License-Identifier: Apache-2.0 */
/* fault_stories - see the header. */
#include "fault/fault_stories.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

const struct story *const fault_stories[] = {
	&STORY_BEGIN,     &STORY_MESSAGES, &STORY_ERASE_SOME,   &STORY_ERASE_ALL,
	&STORY_RETENTION, &STORY_WORDS,    &STORY_OWNER_LEAVES, &STORY_INCIDENT,
	&STORY_BOX,       &STORY_BOOK,
};
const size_t fault_story_count = STR_COUNT(fault_stories);

bool fault_story_is_asked(const struct story *story)
{
	const char *asked = getenv("BEHEST_STORY");

	return !asked || strstr(story->name, asked) != NULL;
}
