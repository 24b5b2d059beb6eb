/* Stands before the C library of a program and makes it another machine. */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* With REFUSE_AFFINITY no thread may choose its CPUs. */
int sched_setaffinity(pid_t pid, size_t size, const cpu_set_t *set) {
  if (getenv("REFUSE_AFFINITY")) {
    errno = EPERM;
    return -1;
  }
  long answer = syscall(SYS_sched_setaffinity, pid, size, set);
  return answer < 0 ? -1 : 0;
}

/* With CLOCK_STEPS_BACK the time of day is an hour earlier whenever it is asked for. */
int clock_gettime(clockid_t clock, struct timespec *time) {
  static time_t back = 0;
  long answer = syscall(SYS_clock_gettime, clock, time);
  if (clock == CLOCK_REALTIME && getenv("CLOCK_STEPS_BACK"))
    time->tv_sec -= back += 3600;
  return answer < 0 ? -1 : 0;
}

/* With QUOTA_EXCEEDED no file can grow. */
ssize_t write(int file, const void *bytes, size_t count) {
  struct stat found;
  if (getenv("QUOTA_EXCEEDED") && fstat(file, &found) == 0 && S_ISREG(found.st_mode)) {
    errno = EDQUOT;
    return -1;
  }
  return syscall(SYS_write, file, bytes, count);
}
