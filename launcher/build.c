/* The quick way in to `hostal build` of a folder, a part of front.c: what is wanted as a line of JSON, the folder as a tar
 * archive behind it, and what the daemon tells in BuildKit's plain form. A folder with rules of what to leave out, a
 * Dockerfile elsewhere, logins and terminals are left to the Java command line. Until the daemon has begun to build,
 * nothing has been done, and everything can still be left to it. */

enum { CHUNK = 64 << 10, BLOCK = 512, DEPTH_MAX = 200, NAME_MAX_USTAR = 100, STEPS_MAX = 20000, REPLY_MAX = 8 << 20 };

static struct { bool quiet; const char *path, *target, *network; bool no_cache;
    char *tags[64], *arguments[256], *labels[256]; int tag_count, argument_count, label_count; } wanted;
static uint8_t chunk[CHUNK];
static size_t chunk_length;

/* ---- what is asked for */

static void put_map(const char *name, char **pairs, int count)
{
    put(",\"");
    put(name);
    put("\":");
    size_t begin = body_length;
    put_env(pairs, count);
    /* Written as a member of its own name: that name goes. */
    static const char MEMBER[] = ",\"env\":";
    memmove(body + begin, body + begin + sizeof MEMBER - 1, body_length - begin - sizeof MEMBER + 2);
    body_length -= sizeof MEMBER - 1;
}

static void understand(int count, char **words)
{
    static const struct { const char *lengthy, *brief; } KNOWN[] =
        { { "--tag", "-t" }, { "--build-arg", "" }, { "--label", "" }, { "--target", "" }, { "--network", "" }, { "--progress", "" } };
    for (int at = 0; at < count; at++) {
        const char *word = words[at], *value = NULL;
        if (strcmp(word, "-q") == 0 || strcmp(word, "--quiet") == 0) { wanted.quiet = true; continue; }
        if (strcmp(word, "--no-cache") == 0) { wanted.no_cache = true; continue; }
        if (word[0] != '-') {
            if (wanted.path) leave();
            wanted.path = word;
            continue;
        }
        size_t i = 0;
        for (; i < sizeof KNOWN / sizeof *KNOWN; i++) {
            size_t length = strlen(KNOWN[i].lengthy);
            bool joined = strncmp(word, KNOWN[i].lengthy, length) == 0 && word[length] == '=';
            if (!joined && strcmp(word, KNOWN[i].lengthy) != 0 && strcmp(word, KNOWN[i].brief) != 0) continue;
            value = joined ? word + length + 1 : ++at < count ? words[at] : NULL;
            break;
        }
        if (!value || !*value) leave();
        if (i == 0 && wanted.tag_count < 64) wanted.tags[wanted.tag_count++] = (char *)value;
        else if (i == 1 && strchr(value, '=') > value && wanted.argument_count < 256) wanted.arguments[wanted.argument_count++] = (char *)value;
        else if (i == 2 && strchr(value, '=') > value && wanted.label_count < 256) wanted.labels[wanted.label_count++] = (char *)value;
        else if (i == 3) wanted.target = value;
        else if (i == 4) wanted.network = value;
        else if (i != 5 || strcmp(value, "plain") != 0) leave();
    }
    if (!wanted.path || !*wanted.path || (isatty(2) && !wanted.quiet)) leave();
}

static void ask_build(void)
{
    put("{\"dockerfile\":\"Dockerfile\"");
    wanted.tags[wanted.tag_count] = NULL;
    put_list("tags", wanted.tags);
    put_map("arguments", wanted.arguments, wanted.argument_count);
    put_map("labels", wanted.labels, wanted.label_count);
    put_member("target", wanted.target);
    put_member("network", wanted.network);
    put(wanted.no_cache ? ",\"noCache\":true}\n" : "}\n");
}

static bool is_there(int folder, const char *name)
{
    struct stat about;
    return fstatat(folder, name, &about, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool has_logins(void)
{
    char path[PATH_MAX];
    if (getenv("DOCKER_CONFIG")) return true;
    const char *home = getenv("HOME");
    snprintf(path, sizeof path, "%s/.docker/config.json", home ? home : "");
    return access(path, F_OK) == 0;
}

/* ---- the folder, as an archive in chunks of HTTP */

/* A daemon that does not want more has said why: that is read then. */
static bool refused;

static void flush_chunk(void)
{
    char head[20];
    int length = snprintf(head, sizeof head, "%zx\r\n", chunk_length);
    if (!refused && chunk_length && (!write_all(daemon_socket, head, (size_t)length) || !write_all(daemon_socket, chunk, chunk_length)
            || !write_all(daemon_socket, "\r\n", 2))) refused = true;
    chunk_length = 0;
}

static void archive(const void *bytes, size_t length)
{
    for (const uint8_t *at = bytes; length;) {
        size_t count = length < CHUNK - chunk_length ? length : CHUNK - chunk_length;
        memcpy(chunk + chunk_length, at, count);
        chunk_length += count;
        at += count;
        length -= count;
        if (chunk_length == CHUNK) flush_chunk();
    }
}

static void fill_block(size_t size)
{
    static const uint8_t NOTHING[BLOCK];
    if (size % BLOCK) archive(NOTHING, BLOCK - size % BLOCK);
}

static void header(const char *name, const char *link, char type, unsigned mode, uint64_t size, int64_t mtime)
{
    char block[BLOCK] = { 0 };
    if (size >= 1ULL << 33 || mtime < 0 || mtime >= 1LL << 33) leave();
    memcpy(block, name, strlen(name));
    snprintf(block + 100, 8, "%07o", mode & 07777);
    snprintf(block + 108, 8, "%07o", 0);
    snprintf(block + 116, 8, "%07o", 0);
    snprintf(block + 124, 12, "%011llo", (unsigned long long)size);
    snprintf(block + 136, 12, "%011llo", (unsigned long long)mtime);
    block[156] = type;
    memcpy(block + 157, link, strlen(link));
    memcpy(block + 257, "ustar\00000", 8);
    memset(block + 148, ' ', 8);
    unsigned sum = 0;
    for (int i = 0; i < BLOCK; i++) sum += (uint8_t)block[i];
    snprintf(block + 148, 8, "%06o", sum);
    archive(block, sizeof block);
}

/* One record of a pax header: its length counts itself. */
static size_t record(char *out, size_t size, const char *key, const char *value)
{
    size_t length = strlen(key) + strlen(value) + 3, digits = 1;
    while (snprintf(NULL, 0, "%zu", length + digits) != (int)digits) digits++;
    return (size_t)snprintf(out, size, "%zu %s=%s\n", length + digits, key, value);
}

static void entry(const char *name, const char *link, char type, const struct stat *about)
{
    char pax[2 * PATH_MAX + 64];
    size_t length = 0;
    if (strlen(name) > NAME_MAX_USTAR) length += record(pax, sizeof pax, "path", name);
    if (strlen(link) > NAME_MAX_USTAR) length += record(pax + length, sizeof pax - length, "linkpath", link);
    if (length) {
        header("pax", "", 'x', 0644, length, 0);
        archive(pax, length);
        fill_block(length);
    }
    header(strlen(name) > NAME_MAX_USTAR ? "long" : name, strlen(link) > NAME_MAX_USTAR ? "long" : link, type, about->st_mode,
            type == '0' ? (uint64_t)about->st_size : 0, about->st_mtim.tv_sec);
}

static void pack_file(int folder, const char *own, const char *name)
{
    static uint8_t piece[CHUNK];
    struct stat about;
    int file = openat(folder, own, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0 || fstat(file, &about) < 0) leave();
    entry(name, "", '0', &about);
    for (off_t left = about.st_size; left > 0 && !refused;) {
        ssize_t count = read(file, piece, left < CHUNK ? (size_t)left : CHUNK);
        /* It became shorter: the archive cannot be whole any more. */
        if (count <= 0) leave();
        archive(piece, (size_t)count);
        left -= count;
    }
    fill_block((size_t)(about.st_size % BLOCK));
    close(file);
}

static void pack(int folder, const char *above, int depth)
{
    DIR *entries = fdopendir(folder);
    if (!entries || depth > DEPTH_MAX) leave();
    for (struct dirent *each; !refused && (each = readdir(entries));) {
        char name[PATH_MAX], link[PATH_MAX] = "";
        struct stat about;
        const char *own = each->d_name;
        if (strcmp(own, ".") == 0 || strcmp(own, "..") == 0) continue;
        if (snprintf(name, sizeof name, "%s%s%s", above, *above ? "/" : "", own) >= (int)sizeof name) leave();
        if (fstatat(folder, own, &about, AT_SYMLINK_NOFOLLOW) < 0) leave();
        if (S_ISREG(about.st_mode)) {
            pack_file(folder, own, name);
        } else if (S_ISLNK(about.st_mode)) {
            ssize_t count = readlinkat(folder, own, link, sizeof link - 1);
            if (count < 0) leave();
            entry(name, link, '2', &about);
        } else if (S_ISDIR(about.st_mode)) {
            entry(name, "", '5', &about);
            int below = openat(folder, own, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
            if (below < 0) leave();
            pack(below, name, depth + 1);
        }
    }
    closedir(entries);
}

/* ---- what the daemon tells */

static struct { int number; struct timespec began; char *line; } steps[STEPS_MAX];
static int shown_steps, spoken;

static double since(const struct timespec *began)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - began->tv_sec) + (double)(now.tv_nsec - began->tv_nsec) / 1e9;
}

static void speak(int number, const char *text, size_t length)
{
    if (spoken != number && spoken) fputc('\n', stderr);
    spoken = number;
    fprintf(stderr, "#%d %.*s\n", number, (int)length, text);
}

static char *utf8(char *out, unsigned long c)
{
    if (c < 0x80) *out++ = (char)c;
    else {
        int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
        *out++ = (char)((0xf0 << (3 - more)) | (c >> 6 * more));
        for (int i = more - 1; i >= 0; i--) *out++ = (char)(0x80 | ((c >> 6 * i) & 0x3f));
    }
    return out;
}

/* The text of a member, where there is one; in place, for it is never longer than what it is written as. */
static char *member(char *json, const char *key)
{
    char *at = strstr(json, key);
    if (!at) return NULL;
    char *text = at += strlen(key), *out = text;
    for (; *at && *at != '"'; at++) {
        if (*at != '\\') { *out++ = *at; continue; }
        switch (*++at) {
        case 'n': *out++ = '\n'; break;
        case 't': *out++ = '\t'; break;
        case 'r': *out++ = '\r'; break;
        case 'b': *out++ = '\b'; break;
        case 'f': *out++ = '\f'; break;
        case 'u': {
            char digits[5] = { 0 };
            strncpy(digits, at + 1, 4);
            unsigned long c = strtoul(digits, NULL, 16);
            at += strlen(digits);
            if (c >= 0xd800 && c < 0xdc00 && at[1] == '\\' && at[2] == 'u') {
                strncpy(digits, at + 3, 4);
                c = 0x10000 + ((c & 0x3ff) << 10 | (strtoul(digits, NULL, 16) & 0x3ff));
                at += 2 + strlen(digits);
            }
            out = utf8(out, c);
            break;
        }
        default: *out++ = *at;
        }
        if (!*at) break;
    }
    *out = 0;
    return text;
}

static void said(int step, const char *text)
{
    char *line = steps[step].line;
    size_t held = line ? strlen(line) : 0;
    if (!(steps[step].line = line = realloc(line, held + strlen(text) + 1))) broken();
    strcpy(line + held, text);
    for (char *end; (end = strchr(line, '\n')); memmove(line, end + 1, strlen(end + 1) + 1)) {
        fflush(stderr);
        *end = 0;
        if (spoken != steps[step].number && spoken) fputc('\n', stderr);
        spoken = steps[step].number;
        fprintf(stderr, "#%d %.3f %s\n", steps[step].number, since(&steps[step].began), line);
    }
}

static void ended(int step, const char *how)
{
    char text[400];
    if (steps[step].line && *steps[step].line) said(step, "\n");
    free(steps[step].line);
    steps[step].line = NULL;
    if (*how) snprintf(text, sizeof text, "%s", how);
    else snprintf(text, sizeof text, "DONE %.1fs", since(&steps[step].began));
    speak(steps[step].number, text, strlen(text));
}

/* One line of the reply. */
static void take_event(char *line)
{
    static const char REFUSED[] = "{\"event\":\"refused\"", BUILT[] = "{\"event\":\"built\"";
    if (strncmp(line, BUILT, sizeof BUILT - 1) == 0) {
        char *digest = member(line, "\"digest\":\"");
        if (!digest) broken();
        fflush(stderr);
        printf("%s\n", digest);
        exit(fflush(stdout) == 0 ? 0 : 1);
    }
    if (strncmp(line, REFUSED, sizeof REFUSED - 1) == 0) {
        char *why = member(line, "\"message\":\"");
        if (!why) broken();
        for (size_t length = strlen(why); length && isspace((unsigned char)why[length - 1]);) why[--length] = 0;
        fprintf(stderr, "hostal: %s\n", why);
        exit(1);
    }
    const char *number = strstr(line, "\"step\":");
    int step = number ? atoi(number + 7) : 0;
    if (wanted.quiet || step <= 0 || step >= STEPS_MAX) return;
    bool begun = strncmp(line, "{\"event\":\"begun\"", 16) == 0, output = strncmp(line, "{\"event\":\"output\"", 17) == 0;
    bool done = strncmp(line, "{\"event\":\"done\"", 15) == 0, cached = strncmp(line, "{\"event\":\"cached\"", 17) == 0;
    bool failed = strncmp(line, "{\"event\":\"failed\"", 17) == 0;
    char *text = member(line, "\"text\":\"");
    if (begun) {
        if (!text || !*text) return;
        steps[step].number = ++shown_steps;
        clock_gettime(CLOCK_MONOTONIC, &steps[step].began);
        speak(shown_steps, text, strcspn(text, "\r\n"));
    } else if (!steps[step].number) {
        return;
    } else if (output && text) {
        said(step, text);
    } else if (done || cached) {
        ended(step, cached ? "CACHED" : "");
    } else if (failed) {
        char how[360];
        snprintf(how, sizeof how, "ERROR: %.*s", (int)strcspn(text ? text : "", "\r\n"), text ? text : "");
        ended(step, how);
    }
}

_Noreturn static void gone(void)
{
    fputs("hostal: The daemon went away before the build had ended; the next one removes what is left of it.\n", stderr);
    exit(1);
}

static void need(FILE *reply, char **line, size_t *size)
{
    if (getline(line, size, reply) < 0) gone();
}

/* Its chunks are put together, and parted into lines. */
_Noreturn static void read_reply(void)
{
    FILE *reply = fdopen(daemon_socket, "r");
    char *line = NULL, *events = NULL;
    size_t size = 0, held = 0;
    bool chunked = false;
    if (!reply || getline(&line, &size, reply) < 0) leave();
    /* What is refused here was refused before anything was done. */
    if (strncmp(line, "HTTP/1.1 200", 12) != 0) leave();
    do {
        need(reply, &line, &size);
        if (strncasecmp(line, "transfer-encoding: chunked", 26) == 0) chunked = true;
    } while (strcmp(line, "\r\n") != 0);
    if (!chunked) gone();
    for (;;) {
        need(reply, &line, &size);
        size_t length = strtoul(line, NULL, 16);
        if (!length || length > REPLY_MAX || held + length > REPLY_MAX || !(events = realloc(events, held + length + 1))) gone();
        if (fread(events + held, 1, length, reply) != length) gone();
        events[held += length] = 0;
        char *at = events;
        for (char *end; (end = strchr(at, '\n')); at = end + 1) {
            *end = 0;
            take_event(at);
        }
        fflush(stderr);
        memmove(events, at, held = strlen(at));
        need(reply, &line, &size);
    }
}

_Noreturn static void build(int count, char **words)
{
    static const char REQUEST[] = "POST /v1/builds HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-hostal-build\r\n"
            "Transfer-Encoding: chunked\r\n\r\n";
    static const uint8_t END[2 * BLOCK];
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    struct stat about;
    understand(count, words);
    int folder = open(wanted.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0 || fstatat(folder, "Dockerfile", &about, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(about.st_mode)) leave();
    if (is_there(folder, ".dockerignore") || is_there(folder, "Dockerfile.dockerignore") || has_logins()) leave();
    ask_build();
    find_daemon(&address);
    if (isatty(2) && !is_of_our_build(address.sun_path)) leave();
    daemon_socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(daemon_socket, (struct sockaddr *)&address, sizeof address) < 0) leave();
    signal(SIGPIPE, SIG_IGN);
    if (!write_all(daemon_socket, REQUEST, sizeof REQUEST - 1)) leave();
    archive(body, body_length);
    pack(folder, "", 0);
    archive(END, sizeof END);
    flush_chunk();
    if (!refused && !write_all(daemon_socket, "0\r\n\r\n", 5)) refused = true;
    read_reply();
}
