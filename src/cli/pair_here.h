/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pair_here - pairs this very computer: the owner's side and the device's in one go.
 *
 * In goes an owner's link that is signed in, out comes this computer as a device that
 * approves. Prints nothing.
 */
#ifndef CLI_PAIR_HERE_H
#define CLI_PAIR_HERE_H

#include "adapter/link_unix.h"
#include "cli/device.h"

/* A code for one device of that person; the offer is borrowed from the link until its next
 * message, and names the code: wipe no copy too late. */
MUST_CHECK enum err pair_code(struct link_client *owner, struct wire_id person,
			      const char *name, const struct wire_pair_offer **out_offer,
			      struct err_note *note);

/* Makes this computer's key if there is none. The caller closes *out_device, also after a
 * failure; notices outlives it. */
MUST_CHECK enum err pair_here(struct link_client *owner, struct wire_id person,
			      const char *name, const struct paths *paths,
			      struct notices *notices, struct device_link **out_device,
			      struct err_note *note);

#endif
