// A clock that is ahead: preloaded into a program, it adds AHEAD seconds to the time of day. What measures how
// long something takes (CLOCK_MONOTONIC) is left alone. The tests build it with the linker's own compiler.

#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *now) {
    int answer = (int)syscall(SYS_clock_gettime, clock, now);
    const char *ahead = clock == CLOCK_REALTIME ? getenv("AHEAD") : 0;
    if (ahead) {
        now->tv_sec += atol(ahead);
    }
    return answer;
}
