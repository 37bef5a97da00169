/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fault_audit - compares the rows of a closed keeper with its journal: what the journal says
 * is there is there whole, what it says is gone is gone, and nothing else is there. Of the
 * beginning's rows that are gone no piece is on the disk. One thread; what differs fails the
 * test.
 */
#ifndef FAULT_FAULT_AUDIT_H
#define FAULT_FAULT_AUDIT_H

#include "fault/fault_world.h"

/* Remembers pieces of the rows that hold keys, or what was said. */
void fault_know(struct fault_world *world);

/* With the ledger, whose records say whether they play. */
void fault_audit(struct fault_world *world);

#endif
