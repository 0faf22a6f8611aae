#ifndef SMALL_FILE_H
#define SMALL_FILE_H

#include <stddef.h>

/** Reads a whole file as text, with a zero at its end. @return 0, or an errno (EFBIG where it does not fit) */
int read_small_file(const char *path, char *text, size_t size);

/** Replaces a file as a whole: after a power cut it is the old one or the new one. @return 0, or an errno */
int replace_small_file(const char *path, const char *text);

/** Makes a folder and those it is in, where they are missing. @return 0, or an errno */
int make_folders(const char *path);

#endif
