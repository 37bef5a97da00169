/* SPDX-License-Identifier: Apache-2.0 */
/*
 * skill_review - what a skill asks for, shown to the owner who is to approve it, and whether
 * its sentences leave those of the house alone.
 */
#ifndef CLI_SKILL_REVIEW_H
#define CLI_SKILL_REVIEW_H

#include <stdbool.h>

#include "adapter/skill_folder.h"
#include "base/err.h"
#include "cli/paths.h"

/* ERR_DENIED: one of its sentences is one of the house's own, or of another skill's that
 * was approved; or it speaks another language. The note says which. out_may_fetch: whether
 * the house fetches pages for skills at all. */
MUST_CHECK enum err skill_review(const struct paths *paths,
				 const struct skill_folder *folder, bool *out_may_fetch,
				 struct err_note *note);

/* On standard output. */
MUST_CHECK enum err skill_review_print(const struct skill_folder *folder, bool may_fetch,
				       bool as_json);

#endif
