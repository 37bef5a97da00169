/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crc - CRC-32 (the one of ISO-HDLC, zip and PNG), against files that were cut short or
 * damaged by accident; it proves nothing against anybody. Pure.
 */
#ifndef BASE_CRC_H
#define BASE_CRC_H

#include <stddef.h>
#include <stdint.h>

uint32_t crc32_of(const void *bytes, size_t size);

#endif
