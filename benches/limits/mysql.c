/*
 * The limit of sessions on a MySQL or MariaDB server: prepared statements of the C client, over one connection.
 *
 *     mysql SCENARIO PAYLOAD IDS unix:PATH|tcp:PORT USER PASSWORD DATABASE [CYCLES]
 *
 * Unchanged: SELECT. Changed: SELECT, then INSERT ... ON DUPLICATE KEY UPDATE. Locked: GET_LOCK before and
 * RELEASE_LOCK after. The client waits for the answer to each statement.
 */
#include "batch.h"
#include <mysql.h>

static MYSQL *connection;
static MYSQL_STMT *lock, *unlock, *get, *put;
static char id[64], name[96], got[1 << 20];
static unsigned long id_length, name_length, data_length, got_length;
static long long expires, answer, until;

static void check(int failed, MYSQL_STMT *statement)
{
    if (!failed) return;
    fprintf(stderr, "limit: %s\n", statement ? mysql_stmt_error(statement) : mysql_error(connection));
    exit(1);
}

static MYSQL_STMT *prepared(const char *sql)
{
    MYSQL_STMT *statement = mysql_stmt_init(connection);
    check(mysql_stmt_prepare(statement, sql, strlen(sql)), statement);
    return statement;
}

static MYSQL_BIND text(char *buffer, unsigned long *length)
{
    return (MYSQL_BIND){.buffer_type = MYSQL_TYPE_STRING, .buffer = buffer, .length = length, .buffer_length = 96};
}

static MYSQL_BIND number(long long *value)
{
    return (MYSQL_BIND){.buffer_type = MYSQL_TYPE_LONGLONG, .buffer = value};
}

static void run(MYSQL_STMT *statement, int rows)
{
    check(mysql_stmt_execute(statement), statement);
    if (rows) {
        check(mysql_stmt_fetch(statement), statement);
        check(mysql_stmt_free_result(statement), statement);
    }
}

static void aim(const char *at)
{
    id_length = sprintf(id, "%s", at);
    name_length = sprintf(name, "limit.%s", at);
    expires = time(NULL) + 1440;
}

static void cycle(struct job *job, int index)
{
    aim(job->scenario == FRESH ? fresh_id() : job->id[index]);
    if (job->locked) {
        run(lock, 1);
        if (answer != 1) die("the lock was not to be had");
    }
    if (job->scenario != FRESH) run(get, 1);
    if (job->scenario != UNCHANGED) {
        change(job);
        run(put, 0);
    }
    if (job->locked) run(unlock, 1);
}

int main(int argc, char **argv)
{
    static struct job job;
    if (argc < 8) return 2;
    job_load(&job, argv[1], argv[2], argv[3]);
    connection = mysql_init(NULL);
    int is_unix = strncmp(argv[4], "unix:", 5) == 0;
    if (!mysql_real_connect(connection, is_unix ? NULL : "127.0.0.1", argv[5], argv[6], argv[7],
            is_unix ? 0 : atoi(argv[4] + 4), is_unix ? argv[4] + 5 : NULL, 0)) check(1, NULL);
    check(mysql_query(connection, "CREATE TABLE IF NOT EXISTS limits (id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin"
        " PRIMARY KEY, expires_at BIGINT NOT NULL, data LONGBLOB NOT NULL, KEY (expires_at))"), NULL);
    lock = prepared("SELECT GET_LOCK(?, 30)");
    unlock = prepared("SELECT RELEASE_LOCK(?)");
    get = prepared("SELECT expires_at, data FROM limits WHERE id = ?");
    put = prepared("INSERT INTO limits (id, expires_at, data) VALUES (?, ?, ?)"
        " ON DUPLICATE KEY UPDATE expires_at = VALUES(expires_at), data = VALUES(data)");
    MYSQL_BIND by_name[1] = {text(name, &name_length)}, by_id[1] = {text(id, &id_length)};
    MYSQL_BIND answers[1] = {number(&answer)};
    MYSQL_BIND row[2] = {number(&until), {.buffer_type = MYSQL_TYPE_BLOB, .buffer = got, .buffer_length = sizeof got, .length = &got_length}};
    data_length = job.size;
    MYSQL_BIND all[3] = {text(id, &id_length), number(&expires),
        {.buffer_type = MYSQL_TYPE_BLOB, .buffer = job.data, .buffer_length = job.size, .length = &data_length}};
    check(mysql_stmt_bind_param(lock, by_name) || mysql_stmt_bind_result(lock, answers), lock);
    check(mysql_stmt_bind_param(unlock, by_name) || mysql_stmt_bind_result(unlock, answers), unlock);
    check(mysql_stmt_bind_param(get, by_id) || mysql_stmt_bind_result(get, row), get);
    check(mysql_stmt_bind_param(put, all), put);
    for (int i = 0; i < job.ids; i++) {
        aim(job.id[i]);
        run(put, 0);
    }
    return serve(&job, cycle, argv[8]);
}
