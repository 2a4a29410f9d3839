/*
 * The limit of sessions on a MySQL or MariaDB server: prepared statements over a bare socket. The C client
 * connects and prepares.
 *
 *     mysql SCENARIO PAYLOAD IDS unix:PATH|tcp:PORT USER PASSWORD DATABASE [CYCLES]
 *
 * Unchanged: SELECT. Changed: SELECT, then INSERT ... ON DUPLICATE KEY UPDATE. New: that alone. Locked:
 * GET_LOCK and SELECT in one message; then what is to be done and RELEASE_LOCK in another. What ends an
 * unchanged session is not waited for: its answers come with the next one's. Restored: an unchanged
 * session's end is an INSERT as well, which finds the record there, or stores one that vanished again.
 */
#include "batch.h"
#include <mysql.h>
#include <sys/socket.h>

enum { LOCK, UNLOCK, GET, PUT, RESTORE, STATEMENTS };

static const struct {
    const char *sql;
    /* What stands for each question mark: i the id, l the name of its lock, d the data, t the time. */
    const char *given;
} statements[STATEMENTS] = {
    {"SELECT GET_LOCK(?, 30)", "l"},
    {"DO RELEASE_LOCK(?)", "l"},
    {"SELECT expires_at, data FROM limits WHERE id = ?", "i"},
    {"INSERT INTO limits (id, expires_at, data) VALUES (?, ?, ?)"
     " ON DUPLICATE KEY UPDATE expires_at = VALUES(expires_at), data = VALUES(data)", "itd"},
    {"INSERT INTO limits (id, expires_at, data) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE id = id", "itd"},
};

static MYSQL *connection;
static unsigned long number[STATEMENTS];
static int wire, unread;
static unsigned char out[1 << 18], in[1 << 20];
static size_t length;

static void check(int failed)
{
    if (!failed) return;
    fprintf(stderr, "limit: %s\n", mysql_error(connection));
    exit(1);
}

static void put_text(const char *text, size_t size)
{
    if (size < 251) {
        out[length++] = size;
    } else {
        out[length++] = 0xfc;
        out[length++] = size;
        out[length++] = size >> 8;
    }
    memcpy(out + length, text, size);
    length += size;
}

/* Appends the command that executes a statement. */
static void add(int statement, struct job *job, const char *id)
{
    size_t begin = length, size;
    char lock[96];
    long long until = time(NULL) + 1440;
    const char *given = statements[statement].given;
    length += 4;
    out[length++] = 0x17;
    memcpy(out + length, &number[statement], 4);
    memcpy(out + length + 4, "\0\1\0\0\0\0\1", 7);
    length += 11;
    for (const char *one = given; *one; one++) {
        out[length++] = *one == 't' ? MYSQL_TYPE_LONGLONG : *one == 'd' ? MYSQL_TYPE_BLOB : MYSQL_TYPE_VAR_STRING;
        out[length++] = 0;
    }
    for (const char *one = given; *one; one++) {
        if (*one == 'i') put_text(id, strlen(id));
        if (*one == 'l') put_text(lock, snprintf(lock, sizeof lock, "limit.%s", id));
        if (*one == 'd') put_text(job->data, job->size);
        if (*one == 't') {
            memcpy(out + length, &until, 8);
            length += 8;
        }
    }
    size = length - begin - 4;
    out[begin] = size;
    out[begin + 1] = size >> 8;
    out[begin + 2] = size >> 16;
    out[begin + 3] = 0;
}

static void tell(void)
{
    if (send(wire, out, length, MSG_NOSIGNAL) != (ssize_t)length) die("send");
    length = 0;
}

/* The end of the packet that begins there, or 0 while it is not complete. */
static size_t packet_end(size_t begin, size_t filled)
{
    if (filled < begin + 4) return 0;
    size_t end = begin + 4 + (in[begin] | in[begin + 1] << 8 | in[begin + 2] << 16);
    return end <= filled ? end : 0;
}

/* The end of the first answer in the buffer, or 0 while it is not complete: one packet, or rows. */
static size_t answer_end(size_t begin, size_t filled)
{
    size_t end = packet_end(begin, filled);
    if (!end || in[begin + 4] == 0) return end;
    if (in[begin + 4] == 0xff) {
        fprintf(stderr, "limit: %.*s\n", (int)(end - begin - 13), in + begin + 13);
        exit(1);
    }
    /* The number of columns; what they are, unless it is as before; an end; the rows; an end. */
    int is_described = end - begin < 6 || in[begin + 5] != 0, ends = 0, rows = 0;
    for (int skip = is_described ? in[begin + 4] : 0; ends < 2;) {
        size_t at = end;
        if (!(end = packet_end(at, filled))) return 0;
        if (skip-- > 0) continue;
        if (in[at + 4] == 0xfe && end - at < 13) {
            ends++;
        } else {
            rows++;
            /* A number alone: the lock's answer. */
            if (in[begin + 4] == 1 && in[at + 6] != 1) die("the lock was not to be had");
        }
    }
    if (!rows) die("the record is gone");
    return end;
}

static void hear(int answers)
{
    size_t filled = 0, begin = 0;
    while (answers > 0) {
        ssize_t got = recv(wire, in + filled, sizeof in - filled, 0);
        if (got <= 0) die("recv");
        filled += got;
        for (size_t end; answers > 0 && (end = answer_end(begin, filled)); answers--) begin = end;
    }
}

static void cycle(struct job *job, int index)
{
    const char *id = job->scenario == FRESH ? fresh_id() : job->id[index];
    int heard = 0;
    if (job->locked) add(LOCK, job, id);
    if (job->scenario != FRESH) add(GET, job, id);
    if (length) {
        tell();
        hear(unread + (job->locked ? 1 : 0) + (job->scenario != FRESH));
        unread = 0;
    }
    if (job->scenario != UNCHANGED) {
        change(job);
        add(PUT, job, id);
        heard++;
    } else if (job->restores) {
        add(RESTORE, job, id);
        heard++;
    }
    if (job->locked) {
        add(UNLOCK, job, id);
        heard++;
    }
    if (!length) return;
    tell();
    if (job->scenario == UNCHANGED) {
        unread = heard;
    } else {
        hear(heard);
    }
}

int main(int argc, char **argv)
{
    static struct job job;
    if (argc < 8) return 2;
    job_load(&job, argv[1], argv[2], argv[3]);
    connection = mysql_init(NULL);
    int is_unix = strncmp(argv[4], "unix:", 5) == 0;
    check(!mysql_real_connect(connection, is_unix ? NULL : "127.0.0.1", argv[5], argv[6], argv[7],
        is_unix ? 0 : atoi(argv[4] + 4), is_unix ? argv[4] + 5 : NULL, 0));
    check(mysql_query(connection, "CREATE TABLE IF NOT EXISTS limits (id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin"
        " PRIMARY KEY, expires_at BIGINT NOT NULL, data LONGBLOB NOT NULL, KEY (expires_at))"));
    for (int i = 0; i < STATEMENTS; i++) {
        MYSQL_STMT *statement = mysql_stmt_init(connection);
        if (mysql_stmt_prepare(statement, statements[i].sql, strlen(statements[i].sql))) die(mysql_stmt_error(statement));
        number[i] = statement->stmt_id;
    }
    wire = mysql_get_socket(connection);
    for (int i = 0; i < job.ids; i++) {
        add(PUT, &job, job.id[i]);
        tell();
        hear(1);
    }
    return serve(&job, cycle, argv[8]);
}
