/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mic_file - a sound file as a microphone: at the pace of real time, then it is over.
 */
#ifndef ADAPTER_MIC_FILE_H
#define ADAPTER_MIC_FILE_H

#include "port/mic.h"

/* Opens nothing yet; path is copied. Opened again it begins from the start. */
MUST_CHECK enum err mic_file_create(const char *path, struct mic *out_mic);

#endif
