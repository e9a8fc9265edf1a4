// SPDX-License-Identifier: MIT
/* Runs operations inside the guest and writes down what each system call answered, which shells hide.
 *
 * guest OPS RESULTS MODULE [places]
 *
 * OPS has one operation a line, its arguments in hexadecimal ("-" for nothing); paths are below
 * /sys/kernel/config/netconsole:
 *   mkdir PATH | rmdir PATH | read PATH | ls PATH | write PATH BYTES | sh COMMAND
 *   stat PATH              "MODE SIZE", the mode in octal
 *   unlink PATH | symlink PATH TO | rename PATH TO | rmmod
 *   append PATH BYTES | trunc PATH BYTES      write with O_APPEND, O_TRUNC
 *   write2 PATH BYTES BYTES                   two writes to one open file; OUT is what the first one returned
 *   kmsg                   the whole log, a NUL behind each record: one that is cut has no newline
 *   kexec FILE             loads that kernel as the one to boot when this one crashes
 *   load PARAMETER COUNT   loads MODULE with netconsole=PARAMETER, reads cmdline0 to cmdlineCOUNT, unloads it
 * RESULTS gets a line for each: "RET ERRNO OUT LOG", OUT and LOG in hexadecimal; LOG is what the kernel
 * printed meanwhile, in the form of /dev/kmsg. With "places", OUT is "open" where a file could not be opened.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { most = 1 << 21 };

struct bytes {
  size_t size;
  char data[most];
};

static const char root[] = "/sys/kernel/config/netconsole";
static struct bytes argument[3], out, printed;
static int kmsg, tells_places;

static void append(struct bytes* to, const void* data, size_t size) {
  if (size > most - 1 - to->size) size = most - 1 - to->size;
  memcpy(to->data + to->size, data, size);
  to->size += size;
  to->data[to->size] = 0;
}

static int nibble(char c) {
  return c <= '9' ? c - '0' : c - 'a' + 10;
}

static void unhex(const char* text, struct bytes* to) {
  to->size = 0;
  to->data[0] = 0;
  if (strcmp(text, "-") == 0) return;
  for (; text[0] && text[1]; text += 2) {
    const char c = (char)(nibble(text[0]) * 16 + nibble(text[1]));
    append(to, &c, 1);
  }
}

static void put_hex(FILE* file, const struct bytes* from) {
  if (from->size == 0) fputc('-', file);
  for (size_t i = 0; i < from->size; ++i) fprintf(file, "%02x", (unsigned char)from->data[i]);
}

static const char* path_of(const char* name) {
  static struct bytes path;
  path.size = 0;
  append(&path, root, sizeof root - 1);
  append(&path, "/", 1);
  append(&path, name, strlen(name));
  return path.data;
}

static int open_file(const char* path, int flags) {
  const int fd = open(path, flags);
  if (fd < 0 && tells_places) append(&out, "open", 4);
  return fd;
}

static long read_file(const char* path) {
  char buffer[8192];
  const int fd = open_file(path, O_RDONLY);
  if (fd < 0) return -1;
  long sum = 0, got;
  while ((got = read(fd, buffer, sizeof buffer)) > 0) {
    append(&out, buffer, (size_t)got);
    sum += got;
  }
  const int error = errno;
  close(fd);
  errno = error;
  return got < 0 ? -1 : sum;
}

static long write_file(const char* path, int flags, const struct bytes* data) {
  const int fd = open_file(path, O_WRONLY | flags);
  if (fd < 0) return -1;
  const long put = write(fd, data->data, data->size);
  const int error = errno;
  close(fd);
  errno = error;
  return put;
}

static long write_twice(const char* path, const struct bytes* first, const struct bytes* second) {
  const int fd = open_file(path, O_WRONLY);
  if (fd < 0) return -1;
  char text[32];
  append(&out, text, (size_t)snprintf(text, sizeof text, "%ld", (long)write(fd, first->data, first->size)));
  const long put = write(fd, second->data, second->size);
  const int error = errno;
  close(fd);
  errno = error;
  return put;
}

static long status(const char* path) {
  struct stat found;
  if (stat(path, &found) != 0) return -1;
  char text[64];
  append(&out, text, (size_t)snprintf(text, sizeof text, "%o %ld", found.st_mode, (long)found.st_size));
  return 0;
}

static long rename_file(const char* from, const struct bytes* to) {
  char old_path[8192];
  snprintf(old_path, sizeof old_path, "%s", from);
  return rename(old_path, path_of(to->data));
}

static int by_name(const void* a, const void* b) {
  return strcmp(*(char* const*)a, *(char* const*)b);
}

static long list(const char* path) {
  DIR* const directory = opendir(path);
  if (directory == NULL) return -1;
  char* names[1024];
  size_t count = 0;
  for (struct dirent* entry; count < 1024 && (entry = readdir(directory)) != NULL;)
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
      names[count++] = strdup(entry->d_name);
  closedir(directory);
  qsort(names, count, sizeof names[0], by_name);
  for (size_t i = 0; i < count; ++i) {
    append(&out, names[i], strlen(names[i]));
    append(&out, "\n", 1);
    free(names[i]);
  }
  return (long)count;
}

static long shell(const char* command) {
  FILE* const pipe = popen(command, "r");
  char buffer[4096];
  for (size_t got; (got = fread(buffer, 1, sizeof buffer, pipe)) > 0;) append(&out, buffer, got);
  return pclose(pipe);
}

/* Quotes keep blanks of the parameter together on its way through the kernel's splitting of arguments. */
static long load(const char* module, const struct bytes* parameter, long count) {
  static const char* const files[] = {"enabled",     "extended", "release",   "dev_name",  "local_port",
                                      "remote_port", "local_ip", "remote_ip", "remote_mac"};
  static struct bytes text;
  text.size = 0;
  const int quoted = strchr(parameter->data, '"') == NULL;
  append(&text, "netconsole=", 11);
  if (quoted) append(&text, "\"", 1);
  append(&text, parameter->data, parameter->size);
  if (quoted) append(&text, "\"", 1);
  const int fd = open(module, O_RDONLY);
  const long loaded = syscall(SYS_finit_module, fd, text.data, 0);
  const int error = errno;
  close(fd);
  if (loaded == 0) {
    append(&out, "consoles\n", 9);
    read_file("/proc/consoles");
    char name[64];
    for (long i = 0; i <= count; ++i) {
      snprintf(name, sizeof name, "cmdline%ld", i);
      if (mkdir(path_of(name), 0755) != 0) break;
      append(&out, name, strlen(name));
      append(&out, "\n", 1);
      for (size_t f = 0; f < sizeof files / sizeof files[0]; ++f) {
        snprintf(name, sizeof name, "cmdline%ld/%s", i, files[f]);
        if (access(path_of(name), F_OK) != 0) continue;
        append(&out, files[f], strlen(files[f]));
        append(&out, "=", 1);
        read_file(path_of(name));
      }
      snprintf(name, sizeof name, "cmdline%ld", i);
      rmdir(path_of(name));
    }
    for (int tries = 0; tries < 100 && syscall(SYS_delete_module, "netconsole", O_NONBLOCK) != 0; ++tries)
      usleep(10000);
  }
  errno = error;
  return loaded;
}

static long load_crash_kernel(const char* path) {
  enum { on_crash = 2, no_initramfs = 4 };
  const int fd = open(path, O_RDONLY);
  if (fd < 0) return -1;
  const long loaded = syscall(SYS_kexec_file_load, fd, -1, 1L, "", (long)(on_crash | no_initramfs));
  const int error = errno;
  close(fd);
  errno = error;
  return loaded;
}

static long read_whole_log(void) {
  char record[16384];
  const int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);
  if (fd < 0) return -1;
  for (ssize_t got; (got = read(fd, record, sizeof record)) > 0 || errno == EPIPE;) {
    if (got <= 0) continue;
    append(&out, record, (size_t)got);
    append(&out, "", 1);
  }
  close(fd);
  return (long)out.size;
}

static void read_log(void) {
  char record[16384];
  for (;;) {
    const ssize_t got = read(kmsg, record, sizeof record);
    if (got < 0 && errno == EPIPE) continue;
    if (got <= 0) return;
    append(&printed, record, (size_t)got);
  }
}

int main(int argc, char** argv) {
  if (argc != 4 && argc != 5) return 2;
  tells_places = argc == 5;
  FILE *const ops = fopen(argv[1], "r"), *const results = fopen(argv[2], "w");
  kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);
  if (ops == NULL || results == NULL || kmsg < 0) return 2;
  lseek(kmsg, 0, SEEK_END);
  char* line = NULL;
  size_t room = 0;
  while (getline(&line, &room, ops) > 0) {
    char* rest = line;
    const char* const op = strsep(&rest, " \n");
    for (int i = 0; i < 3; ++i) {
      const char* const word = rest == NULL ? NULL : strsep(&rest, " \n");
      unhex(word == NULL || *word == 0 ? "-" : word, &argument[i]);
    }
    out.size = printed.size = 0;
    errno = 0;
    long ret = -1;
    const char* const path = path_of(argument[0].data);
    if (strcmp(op, "mkdir") == 0)
      ret = mkdir(path, 0755);
    else if (strcmp(op, "rmdir") == 0)
      ret = rmdir(path);
    else if (strcmp(op, "read") == 0)
      ret = read_file(path);
    else if (strcmp(op, "ls") == 0)
      ret = list(path);
    else if (strcmp(op, "write") == 0)
      ret = write_file(path, 0, &argument[1]);
    else if (strcmp(op, "append") == 0)
      ret = write_file(path, O_APPEND, &argument[1]);
    else if (strcmp(op, "trunc") == 0)
      ret = write_file(path, O_TRUNC, &argument[1]);
    else if (strcmp(op, "write2") == 0)
      ret = write_twice(path, &argument[1], &argument[2]);
    else if (strcmp(op, "stat") == 0)
      ret = status(path);
    else if (strcmp(op, "unlink") == 0)
      ret = unlink(path);
    else if (strcmp(op, "symlink") == 0)
      ret = symlink(argument[1].data, path);
    else if (strcmp(op, "rename") == 0)
      ret = rename_file(path, &argument[1]);
    else if (strcmp(op, "rmmod") == 0)
      ret = syscall(SYS_delete_module, "netconsole", O_NONBLOCK);
    else if (strcmp(op, "sh") == 0)
      ret = shell(argument[0].data);
    else if (strcmp(op, "kmsg") == 0)
      ret = read_whole_log();
    else if (strcmp(op, "kexec") == 0)
      ret = load_crash_kernel(argument[0].data);
    else if (strcmp(op, "load") == 0)
      ret = load(argv[3], &argument[0], strtol(argument[1].data, NULL, 10));
    else
      return 2;
    const int error = ret < 0 ? errno : 0;
    read_log();
    fprintf(results, "%ld %d ", ret, error);
    put_hex(results, &out);
    fputc(' ', results);
    put_hex(results, &printed);
    fputc('\n', results);
  }
  return fclose(results) == 0 ? 0 : 1;
}
