/*
 * The limit of sessions on a memcached server: commands that were formatted beforehand, over a bare socket.
 *
 *     memcached SCENARIO PAYLOAD IDS PORT [CYCLES]
 *
 * Unchanged: mg with a new lifetime. Changed: that, then ms. New: ms. Locked: ms of the lock, if there is
 * none, and mg in one exchange; then ms of the record, if it changed, and md of the lock in another. An
 * unchanged session's release is not waited for: its answer comes with the next one's. Restored: an
 * unchanged session's end is an add without an answer as well, which stores a record that vanished again.
 */
#include "batch.h"
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

struct commands {
    char *text;
    size_t length;
};

static int wire, unread;
static struct commands open_it[IDS], end_it[IDS];
static char buffer[1 << 20];

/* Appends a line, and behind it data if there is any. */
static void add(struct commands *commands, const char *line, const char *data, size_t size)
{
    size_t length = strlen(line);
    commands->text = realloc(commands->text, commands->length + length + size + 2);
    memcpy(commands->text + commands->length, line, length);
    commands->length += length;
    if (!data) return;
    memcpy(commands->text + commands->length, data, size);
    memcpy(commands->text + commands->length + size, "\r\n", 2);
    commands->length += size + 2;
}

static void tell(const struct commands *commands)
{
    if (send(wire, commands->text, commands->length, MSG_NOSIGNAL) != (ssize_t)commands->length) die("send");
}

/* The end of the first reply in the buffer, or 0 while it is not complete. */
static size_t reply_end(size_t begin, size_t filled)
{
    char *line = memchr(buffer + begin, '\n', filled - begin);
    if (!line) return 0;
    size_t end = line + 1 - buffer;
    if (strncmp(buffer + begin, "HD", 2) && strncmp(buffer + begin, "VA", 2)) {
        fprintf(stderr, "limit: %.*s\n", (int)(end - begin - 2), buffer + begin);
        exit(1);
    }
    if (buffer[begin] == 'V') end += strtoul(buffer + begin + 3, NULL, 10) + 2;
    return end <= filled ? end : 0;
}

static void hear(int replies)
{
    size_t filled = 0, begin = 0;
    while (replies > 0) {
        ssize_t got = recv(wire, buffer + filled, sizeof buffer - filled, 0);
        if (got <= 0) die("recv");
        filled += got;
        for (size_t end; replies > 0 && (end = reply_end(begin, filled)); replies--) begin = end;
    }
}

static void store(struct job *job, const char *id, struct commands *commands)
{
    char line[128];
    snprintf(line, sizeof line, "ms limit.%s %zu T1440\r\n", id, job->size);
    add(commands, line, job->data, job->size);
}

static void cycle(struct job *job, int index)
{
    if (job->scenario == FRESH) {
        /* Formatting one command is part of it here: there is nothing to prepare. */
        struct commands commands = {0};
        store(job, fresh_id(), &commands);
        tell(&commands);
        hear(1);
        free(commands.text);
        return;
    }
    tell(&open_it[index]);
    hear(unread + (job->locked ? 2 : 1));
    unread = 0;
    if (!end_it[index].length) return;
    tell(&end_it[index]);
    if (job->scenario == UNCHANGED) {
        unread = job->locked;
    } else {
        hear(job->locked ? 2 : 1);
    }
}

static void prepare(struct job *job)
{
    for (int i = 0; i < job->ids; i++) {
        struct commands fill = {0};
        char line[128];
        const char *owner = "0123456789abcdef0123456789abcdef";
        store(job, job->id[i], &fill);
        tell(&fill);
        hear(1);
        free(fill.text);
        if (job->locked) {
            snprintf(line, sizeof line, "ms limit.lock.%s 32 ME T31\r\n", job->id[i]);
            add(&open_it[i], line, owner, 32);
        }
        snprintf(line, sizeof line, "mg limit.%s v T1440\r\n", job->id[i]);
        add(&open_it[i], line, NULL, 0);
        if (job->scenario == CHANGED) store(job, job->id[i], &end_it[i]);
        if (job->restores) {
            snprintf(line, sizeof line, "add limit.%s 0 1440 %zu noreply\r\n", job->id[i], job->size);
            add(&end_it[i], line, job->data, job->size);
        }
        if (job->locked) {
            snprintf(line, sizeof line, "md limit.lock.%s\r\n", job->id[i]);
            add(&end_it[i], line, NULL, 0);
        }
    }
}

int main(int argc, char **argv)
{
    static struct job job;
    int on = 1;
    if (argc < 5) return 2;
    job_load(&job, argv[1], argv[2], argv[3]);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[4]))};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    wire = socket(AF_INET, SOCK_STREAM, 0);
    if (wire < 0 || connect(wire, (struct sockaddr *)&address, sizeof address)) die(argv[4]);
    setsockopt(wire, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    prepare(&job);
    return serve(&job, cycle, argv[5]);
}
