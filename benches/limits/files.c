/*
 * The limit of sessions in files: the bare system calls.
 *
 *     files SCENARIO PAYLOAD IDS FOLDER in-place|atomic [CYCLES]
 *
 * In place: the file is overwritten, as PHP's own handler does it; a crash in between leaves half a
 * record. Atomic: the new record replaces the old one by a rename.
 */
#define _GNU_SOURCE
#include "batch.h"
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int folder, lock_file, atomic;
static char buffer[1 << 20];

static void store(struct job *job, const char *name)
{
    if (!atomic) {
        int file = openat(folder, name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (file < 0 || pwrite(file, job->data, job->size, 0) != (ssize_t)job->size) die("write");
        close(file);
        return;
    }
    int file = openat(folder, ".new", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0 || write(file, job->data, job->size) != (ssize_t)job->size) die("write");
    close(file);
    if (renameat(folder, ".new", folder, name)) die("rename");
}

/* A byte of one file for the atomic kind: the locked file itself would be renamed away. */
static void lock(int index, short type)
{
    struct flock byte = {.l_type = type, .l_whence = SEEK_SET, .l_start = index, .l_len = 1};
    if (fcntl(lock_file, F_OFD_SETLK, &byte)) die("lock");
}

static void cycle(struct job *job, int index)
{
    if (job->scenario == FRESH) {
        store(job, fresh_id());
        return;
    }
    if (job->locked && atomic) lock(index, F_WRLCK);
    int file = openat(folder, job->id[index], O_RDWR | O_CLOEXEC);
    if (file < 0) die("open");
    if (job->locked && !atomic && flock(file, LOCK_EX)) die("lock");
    struct stat status;
    if (fstat(file, &status)) die("fstat");
    if (read(file, buffer, status.st_size) != status.st_size) die("read");
    if (job->scenario == UNCHANGED) {
        if (futimens(file, NULL)) die("date");
        close(file);
    } else if (atomic) {
        close(file);
        store(job, job->id[index]);
    } else {
        if (pwrite(file, job->data, job->size, 0) != (ssize_t)job->size) die("write");
        close(file);
    }
    if (job->locked && atomic) lock(index, F_UNLCK);
}

int main(int argc, char **argv)
{
    static struct job job;
    if (argc < 6) return 2;
    job_load(&job, argv[1], argv[2], argv[3]);
    atomic = strcmp(argv[5], "atomic") == 0;
    folder = open(argv[4], O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) die(argv[4]);
    lock_file = openat(folder, ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock_file < 0) die("lock file");
    for (int i = 0; i < job.ids; i++) store(&job, job.id[i]);
    return serve(&job, cycle, argv[6]);
}
