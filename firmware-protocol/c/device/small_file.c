#include "small_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int read_small_file(const char *path, char *text, size_t size) {
  FILE *file = fopen(path, "r");
  if (file == NULL) return errno;
  size_t length = fread(text, 1, size, file);
  int problem = ferror(file) ? EIO : length == size ? EFBIG : 0;
  fclose(file);
  if (problem == 0) text[length] = '\0';
  return problem;
}

/** Writes a file, and waits until the disk has it. */
static int write_through(int file, const char *text) {
  size_t length = strlen(text);
  while (length > 0) {
    ssize_t written = write(file, text, length);
    if (written < 0 && errno != EINTR) return errno;
    if (written > 0) {
      text += written;
      length -= (size_t)written;
    }
  }
  return fsync(file) == 0 ? 0 : errno;
}

int replace_small_file(const char *path, const char *text) {
  char fresh[PATH_MAX];
  if (snprintf(fresh, sizeof fresh, "%s.new", path) >= (int)sizeof fresh) return ENAMETOOLONG;
  int file = open(fresh, O_WRONLY | O_CREAT | O_TRUNC, S_IRUSR | S_IWUSR);
  if (file < 0) return errno;
  int problem = write_through(file, text);
  if (close(file) != 0 && problem == 0) problem = errno;
  if (problem == 0 && rename(fresh, path) != 0) problem = errno;
  return problem;
}

int make_folders(const char *path) {
  char part[PATH_MAX];
  size_t length = strlen(path);
  if (length >= sizeof part) return ENAMETOOLONG;
  for (size_t end = 1; end <= length; end++) {
    if (path[end] != '/' && path[end] != '\0') continue;
    memcpy(part, path, end);
    part[end] = '\0';
    if (mkdir(part, S_IRWXU) != 0 && errno != EEXIST) return errno;
  }
  return 0;
}
