/*
 * What all limit clients share: ids, payload, and the loop that runs batches when it is told to.
 *
 * A limit client does what a session cycle cannot do without, and nothing else. It speaks the same
 * protocol with the driver as worker.php: a line with a number of cycles comes in, a line with the
 * nanoseconds that they took goes out. With a number on the command line it runs that many cycles
 * once, between marks, and ends: for tools that count.
 */
#ifndef SESHAT_BATCH_H
#define SESHAT_BATCH_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define IDS 1000

enum scenario { UNCHANGED, CHANGED, FRESH };

struct job {
    enum scenario scenario;
    int locked;
    /* An unchanged session's end stores one that vanished again. */
    int restores;
    int ids;
    char id[IDS][33];
    char *data;
    size_t size;
};

static void die(const char *what)
{
    fprintf(stderr, "limit: %s: %s\n", what, errno ? strerror(errno) : "failed");
    exit(1);
}

static void job_load(struct job *job, const char *scenario, const char *payload, const char *ids)
{
    FILE *file = fopen(payload, "rb");
    if (!file) die(payload);
    job->data = malloc(1 << 20);
    job->size = fread(job->data, 1, 1 << 20, file);
    fclose(file);
    if (job->size < 8) die(payload);
    job->locked = strncmp(scenario, "locked", 6) == 0;
    job->scenario = strstr(scenario, "unchanged") ? UNCHANGED : strstr(scenario, "changed") ? CHANGED : FRESH;
    job->restores = strstr(scenario, "restored") != NULL;
    job->ids = atoi(ids);
    if (job->ids < 1 || job->ids > IDS) job->ids = IDS;
    for (int i = 0; i < job->ids; i++) snprintf(job->id[i], sizeof job->id[i], "%032x", i + 1);
}

static long long nanoseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* An id that was not used before, as scattered as those that PHP draws: a tree is dearer to enter at any
 * place than at its end. Drawing from the system is not part of the limit. */
__attribute__((unused)) static const char *fresh_id(void)
{
    static unsigned long long state;
    static char id[40];
    if (!state) state = (unsigned long long)nanoseconds();
    state += 0x9e3779b97f4a7c15ULL;
    unsigned long long mixed = (state ^ state >> 30) * 0xbf58476d1ce4e5b9ULL;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebULL;
    snprintf(id, sizeof id, "%016llx%016llx", mixed ^ mixed >> 31, state);
    return id;
}

/* Changes the counter at the payload's end ("n|i:1000000;"): a database may skip what is as before. */
__attribute__((unused)) static void change(struct job *job)
{
    static unsigned count;
    char digits[16];
    snprintf(digits, sizeof digits, "%07u;", 1000000 + ++count % 9000000);
    memcpy(job->data + job->size - 8, digits, 8);
}

/* What tools that count look for: twice, as PHP's umask() does it. */
static void mark(void)
{
    umask(077);
    umask(077);
}

static int serve(struct job *job, void (*cycle)(struct job *, int), const char *count)
{
    int next = 0;
    char line[64];
    if (count) {
        for (long i = -2 * job->ids; i < atol(count); i++) {
            if (i == 0) mark();
            cycle(job, next);
            if (++next == job->ids) next = 0;
        }
        mark();
        return 0;
    }
    puts("ready");
    fflush(stdout);
    while (fgets(line, sizeof line, stdin)) {
        long cycles = atol(line);
        long long begin = nanoseconds();
        for (long i = 0; i < cycles; i++) {
            cycle(job, next);
            if (++next == job->ids) next = 0;
        }
        printf("%lld\n", nanoseconds() - begin);
        fflush(stdout);
    }
    return 0;
}

#endif
