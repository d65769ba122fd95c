/* The records of the log port: what the main program wrote and how it ended, kept while no host listens. */
#include "agent.h"

int log_fd = -1;
static uint64_t unheard, dropped;

/* Source: docs/reference/agent-protocol.md, "Log records". The last word makes a header recognisable. */
static void put_header(uint8_t *record, enum log_type type, uint8_t channel, size_t length)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t micros = (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
    memcpy(record, "HLR1", 4);
    record[4] = (uint8_t)type;
    record[5] = channel;
    record[6] = record[7] = 0;
    put_u32(record + 8, (uint32_t)length);
    put_u64(record + 12, micros);
    uint32_t sum = 0;
    for (int i = 0; i < 20; i++) sum = sum * 31 + record[i];
    put_u32(record + 20, sum);
}

void log_event(enum log_type type, const void *payload, size_t length)
{
    uint8_t record[LOG_HEADER + 64];
    if (log_fd < 0) return;
    put_header(record, type, 0, length);
    memcpy(record + LOG_HEADER, payload, length);
    write_all(log_fd, record, LOG_HEADER + length);
}

static void tell_dropped(void)
{
    if (!dropped) return;
    uint8_t count[8];
    put_u64(count, dropped);
    dropped = 0;
    log_event(LOG_DROPPED, count, sizeof count);
}

void log_output(uint8_t channel, uint8_t *record, size_t length)
{
    if (log_fd < 0) return;
    if (!wire.session && unheard + length > LOG_UNHEARD_MAX) {
        dropped += length;
        return;
    }
    if (!wire.session) unheard += length;
    put_header(record, LOG_OUTPUT, channel, length);
    write_all(log_fd, record, LOG_HEADER + length);      /* One write: a record is torn only by the machine's death. */
}

void log_heard(void)
{
    unheard = 0;
    tell_dropped();
}

void log_end(uint8_t status)
{
    tell_dropped();
    log_event(LOG_EXIT, &status, 1);
}
