/* SPDX-License-Identifier: MIT */
/* Preloaded, it steps the wall clock of a program, and of the arrival times that it gets from the kernel, by
   the seconds in the file STEP_CLOCK: eight bytes of this machine, changed at any time. No other clock is
   touched. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>

static const volatile int64_t* seconds;

__attribute__((constructor)) static void open_file(void) {
  const char* const path = getenv("STEP_CLOCK");
  const int file = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
  void* const at = mmap(NULL, sizeof *seconds, PROT_READ, MAP_SHARED, file, 0);
  if (at == MAP_FAILED) abort();
  seconds = at;
}

int clock_gettime(clockid_t clock, struct timespec* now) {
  static int (*real)(clockid_t, struct timespec*);
  if (real == NULL) *(void**)&real = dlsym(RTLD_NEXT, "clock_gettime");
  const int done = real(clock, now);
  if (done == 0 && seconds != NULL && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
    now->tv_sec += *seconds;
  return done;
}

int gettimeofday(struct timeval* restrict now, void* restrict zone) {
  (void)zone;
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  now->tv_sec = time.tv_sec;
  now->tv_usec = time.tv_nsec / 1000;
  return 0;
}

time_t time(time_t* to) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (to != NULL) *to = now.tv_sec;
  return now.tv_sec;
}

int recvmmsg(int fd, struct mmsghdr* messages, unsigned count, int flags, struct timespec* timeout) {
  static int (*real)(int, struct mmsghdr*, unsigned, int, struct timespec*);
  if (real == NULL) *(void**)&real = dlsym(RTLD_NEXT, "recvmmsg");
  const int taken = real(fd, messages, count, flags, timeout);
  for (int i = 0; i < taken; ++i)
    for (struct cmsghdr* part = CMSG_FIRSTHDR(&messages[i].msg_hdr); part != NULL;
         part = CMSG_NXTHDR(&messages[i].msg_hdr, part)) {
      if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_TIMESTAMPNS) continue;
      struct timespec arrived;
      memcpy(&arrived, CMSG_DATA(part), sizeof arrived);
      arrived.tv_sec += *seconds;
      memcpy(CMSG_DATA(part), &arrived, sizeof arrived);
    }
  return taken;
}
