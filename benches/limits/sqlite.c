/*
 * The limit of sessions in SQLite: prepared statements on a connection that stays open, in WAL mode.
 *
 *     sqlite SCENARIO PAYLOAD IDS FILE dated|undated [CYCLES]
 *
 * Unchanged: SELECT and, if dated, an UPDATE of the lifetime. Changed: SELECT and an upsert. New: the
 * upsert. Locked: a byte of a file beside it is locked meanwhile.
 */
#define _GNU_SOURCE
#include "batch.h"
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

static sqlite3 *db;
static sqlite3_stmt *read_it, *date_it, *write_it;
static int lock_file, dated;
static volatile size_t seen;

static void check(int code, int wanted)
{
    if (code == wanted) return;
    fprintf(stderr, "limit: sqlite: %s\n", sqlite3_errmsg(db));
    exit(1);
}

static void step(sqlite3_stmt *statement)
{
    check(sqlite3_step(statement), SQLITE_DONE);
    sqlite3_reset(statement);
}

/* An id comes back within milliseconds here; a lifetime in seconds would be the same, and not be written. */
static long long milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static void store(struct job *job, const char *id)
{
    sqlite3_bind_text(write_it, 1, id, -1, SQLITE_STATIC);
    sqlite3_bind_blob(write_it, 2, job->data, (int)job->size, SQLITE_STATIC);
    sqlite3_bind_int64(write_it, 3, milliseconds() + 1440000);
    step(write_it);
}

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
    if (job->locked) lock(index, F_WRLCK);
    sqlite3_bind_text(read_it, 1, job->id[index], -1, SQLITE_STATIC);
    sqlite3_bind_int64(read_it, 2, milliseconds());
    check(sqlite3_step(read_it), SQLITE_ROW);
    sqlite3_column_blob(read_it, 0);
    seen = sqlite3_column_bytes(read_it, 0);
    sqlite3_reset(read_it);
    if (job->scenario == CHANGED) {
        change(job);
        store(job, job->id[index]);
    } else if (dated) {
        sqlite3_bind_text(date_it, 1, job->id[index], -1, SQLITE_STATIC);
        sqlite3_bind_int64(date_it, 2, milliseconds() + 1440000);
        step(date_it);
    }
    if (job->locked) lock(index, F_UNLCK);
}

int main(int argc, char **argv)
{
    static struct job job;
    char name[4096];
    if (argc < 6) return 2;
    job_load(&job, argv[1], argv[2], argv[3]);
    dated = strcmp(argv[5], "dated") == 0;
    snprintf(name, sizeof name, "%s.lock", argv[4]);
    lock_file = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock_file < 0) die(name);
    check(sqlite3_open(argv[4], &db), SQLITE_OK);
    sqlite3_exec(db,
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
        "CREATE TABLE IF NOT EXISTS s(id TEXT PRIMARY KEY, data BLOB, expires INT) WITHOUT ROWID",
        NULL, NULL, NULL);
    check(sqlite3_prepare_v2(db, "SELECT data FROM s WHERE id=?1 AND expires>?2", -1, &read_it, NULL), SQLITE_OK);
    check(sqlite3_prepare_v2(db, "UPDATE s SET expires=?2 WHERE id=?1", -1, &date_it, NULL), SQLITE_OK);
    check(sqlite3_prepare_v2(db,
        "INSERT INTO s VALUES(?1,?2,?3) ON CONFLICT(id) DO UPDATE SET data=excluded.data, expires=excluded.expires",
        -1, &write_it, NULL), SQLITE_OK);
    for (int i = 0; i < job.ids; i++) store(&job, job.id[i]);
    return serve(&job, cycle, argv[6]);
}
