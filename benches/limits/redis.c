/*
 * The limit of sessions on a Redis server: commands that were formatted beforehand, over a bare socket.
 *
 *     redis SCENARIO PAYLOAD IDS unix:PATH|tcp:PORT [CYCLES]
 *
 * Unchanged: GETEX. Changed: GETEX, then SETEX. New: SETEX. Locked: SET NX and GETEX in one exchange;
 * then a script that compares the lock's owner, stores the record if it changed, and deletes the
 * lock. An unchanged session's release is not waited for: its answer comes with the next one's. Restored:
 * an unchanged session's end is SET NX, alone or in that script, which stores a record that vanished again.
 */
#include "batch.h"
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct command {
    char *text;
    size_t length;
};

static int wire, unread;
static struct command open_it[IDS], end_it[IDS];
static char buffer[1 << 20], digest[64];

static const char *const end_script =
    "if redis.call('GET',KEYS[2])~=ARGV[1] then return 0 end "
    "if ARGV[4] then redis.call('SET',KEYS[1],ARGV[3],'EX',ARGV[2],'NX') "
    "elseif ARGV[3] then redis.call('SETEX',KEYS[1],ARGV[2],ARGV[3]) end "
    "redis.call('DEL',KEYS[2]) return 1";

/* Appends a command of `count` pairs of bytes and length. */
static void add(struct command *command, int count, ...)
{
    va_list arguments;
    size_t at = command->length;
    command->text = realloc(command->text, at + 64 + (1 << 16));
    at += sprintf(command->text + at, "*%d\r\n", count);
    va_start(arguments, count);
    for (int i = 0; i < count; i++) {
        const char *bytes = va_arg(arguments, const char *);
        size_t length = va_arg(arguments, size_t);
        at += sprintf(command->text + at, "$%zu\r\n", length);
        memcpy(command->text + at, bytes, length);
        at += length;
        memcpy(command->text + at, "\r\n", 2);
        at += 2;
    }
    va_end(arguments);
    command->text = realloc(command->text, at);
    command->length = at;
}

#define TEXT(s) (s), strlen(s)

static void tell(const struct command *command)
{
    if (send(wire, command->text, command->length, MSG_NOSIGNAL) != (ssize_t)command->length) die("send");
}

/* The end of the first reply in the buffer, or 0 while it is not complete. */
static size_t reply_end(size_t begin, size_t filled)
{
    char *line = memchr(buffer + begin, '\n', filled - begin);
    if (!line) return 0;
    size_t end = line + 1 - buffer;
    if (buffer[begin] == '-') {
        fprintf(stderr, "limit: %.*s\n", (int)(end - begin - 2), buffer + begin);
        exit(1);
    }
    if (buffer[begin] == '$' && buffer[begin + 1] != '-') end += strtoul(buffer + begin + 1, NULL, 10) + 2;
    return end <= filled ? end : 0;
}

/* Receives so many replies. The last one is at the returned place. */
static size_t hear(int replies)
{
    size_t filled = 0, begin = 0, last = 0;
    while (replies > 0) {
        ssize_t got = recv(wire, buffer + filled, sizeof buffer - filled, 0);
        if (got <= 0) die("recv");
        filled += got;
        for (size_t end; replies > 0 && (end = reply_end(begin, filled)); replies--) {
            last = begin;
            begin = end;
        }
    }
    return last;
}

static void store(struct job *job, const char *id, struct command *command)
{
    char key[80];
    snprintf(key, sizeof key, "LIMIT_SESSION:%s", id);
    add(command, 4, TEXT("SETEX"), TEXT(key), TEXT("1440"), job->data, job->size);
}

static void cycle(struct job *job, int index)
{
    if (job->scenario == FRESH) {
        /* Formatting one command is part of it here: there is nothing to prepare. */
        struct command command = {0};
        store(job, fresh_id(), &command);
        tell(&command);
        hear(1);
        free(command.text);
        return;
    }
    tell(&open_it[index]);
    size_t data = hear(unread + (job->locked ? 2 : 1));
    unread = 0;
    if (buffer[data] != '$' || buffer[data + 1] == '-') die("the record is gone");
    if (!end_it[index].length) return;
    tell(&end_it[index]);
    if (job->scenario == UNCHANGED) {
        unread = 1;
    } else {
        hear(1);
    }
}

static void prepare(struct job *job)
{
    struct command script = {0};
    add(&script, 3, TEXT("SCRIPT"), TEXT("LOAD"), TEXT(end_script));
    tell(&script);
    memcpy(digest, strchr(buffer + hear(1), '\n') + 1, 40);
    for (int i = 0; i < job->ids; i++) {
        struct command fill = {0};
        char key[80], lock[96];
        const char *owner = "0123456789abcdef0123456789abcdef";
        snprintf(key, sizeof key, "LIMIT_SESSION:%s", job->id[i]);
        snprintf(lock, sizeof lock, "%s_LOCK", key);
        store(job, job->id[i], &fill);
        tell(&fill);
        hear(1);
        free(fill.text);
        if (job->locked) add(&open_it[i], 6, TEXT("SET"), TEXT(lock), TEXT(owner), TEXT("NX"), TEXT("PX"), TEXT("30000"));
        add(&open_it[i], 4, TEXT("GETEX"), TEXT(key), TEXT("EX"), TEXT("1440"));
        if (job->scenario == UNCHANGED && !job->locked) {
            if (job->restores) {
                add(&end_it[i], 6, TEXT("SET"), TEXT(key), job->data, job->size, TEXT("EX"), TEXT("1440"), TEXT("NX"));
            }
        } else if (!job->locked) {
            store(job, job->id[i], &end_it[i]);
        } else if (job->restores) {
            add(&end_it[i], 9, TEXT("EVALSHA"), TEXT(digest), TEXT("2"), TEXT(key), TEXT(lock), TEXT(owner), TEXT("1440"),
                job->data, job->size, TEXT("1"));
        } else if (job->scenario == UNCHANGED) {
            add(&end_it[i], 6, TEXT("EVALSHA"), TEXT(digest), TEXT("2"), TEXT(key), TEXT(lock), TEXT(owner));
        } else {
            add(&end_it[i], 8, TEXT("EVALSHA"), TEXT(digest), TEXT("2"), TEXT(key), TEXT(lock), TEXT(owner), TEXT("1440"),
                job->data, job->size);
        }
    }
}

int main(int argc, char **argv)
{
    static struct job job;
    if (argc < 5) return 2;
    job_load(&job, argv[1], argv[2], argv[3]);
    if (strncmp(argv[4], "unix:", 5) == 0) {
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        snprintf(address.sun_path, sizeof address.sun_path, "%s", argv[4] + 5);
        wire = socket(AF_UNIX, SOCK_STREAM, 0);
        if (wire < 0 || connect(wire, (struct sockaddr *)&address, sizeof address)) die(argv[4]);
    } else {
        struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[4] + 4))};
        int on = 1;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        wire = socket(AF_INET, SOCK_STREAM, 0);
        if (wire < 0 || connect(wire, (struct sockaddr *)&address, sizeof address)) die(argv[4]);
        setsockopt(wire, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    prepare(&job);
    return serve(&job, cycle, argv[5]);
}
