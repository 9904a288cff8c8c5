/* Findings in the language of who reads; see finding.h. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "importers/finding.h"

static const struct sentence {
    const char *en, *es;
} SENTENCES[] = {
#define MESSAGE(en, es) {en, es},
#include "importers/finding_messages.def"
#undef MESSAGE
};

enum { SENTENCES_N = sizeof SENTENCES / sizeof *SENTENCES, HOLES_MAX = 9 };

struct hole {
    const char *at;
    size_t n;
};

bool finding_lang_parse(const char *name, enum finding_lang *out)
{
    size_t n = name ? strcspn(name, "_-.@") : 0;
    if (n == 2 && strncasecmp(name, "es", 2) == 0)
        *out = FINDING_ES;
    else if ((n == 2 && strncasecmp(name, "en", 2) == 0) || (n == 1 && *name == 'C') ||
             (n == 5 && strncmp(name, "POSIX", 5) == 0))
        *out = FINDING_EN;
    else
        return false;
    return true;
}

const char *finding_text(enum finding_code code, enum finding_lang lang)
{
    const struct finding_entry *entry = finding_entry(code);
    return lang == FINDING_ES ? entry->text_es : entry->text_en;
}

const char *finding_remedy(enum finding_code code, enum finding_lang lang)
{
    const struct finding_entry *entry = finding_entry(code);
    return lang == FINDING_ES ? entry->remedy_es : entry->remedy_en;
}

/* Where `literal` (n bytes) begins in text, the leftmost place; NULL. */
static const char *find(const char *text, const char *literal, size_t n)
{
    for (; *text; text++)
        if (strncmp(text, literal, n) == 0)
            return text;
    return NULL;
}

/* Does the message have the words of the pattern, with anything but nothing in its holes? */
static bool matches(const char *pattern, const char *message, struct hole *holes)
{
    size_t n = strcspn(pattern, "{");
    int k = 0;
    if (strncmp(pattern, message, n) != 0)
        return false;
    for (pattern += n, message += n; *pattern; pattern += n) {
        pattern += 2; /* {} */
        n = strcspn(pattern, "{");
        const char *next =
            n ? find(message + (*message != 0), pattern, n) : message + strlen(message);
        if (n && !pattern[n]) { /* the last words end the message */
            size_t left = strlen(message);
            next = left > n && strcmp(message + left - n, pattern) == 0 ? message + left - n : NULL;
        }
        if (!next || next == message || k == HOLES_MAX)
            return false;
        holes[k++] = (struct hole){message, (size_t)(next - message)};
        message = next + n;
    }
    return !*message;
}

static const struct sentence *sentence_of(const char *message, struct hole *holes)
{
    for (int i = 0; i < SENTENCES_N; i++)
        if (matches(SENTENCES[i].en, message, holes))
            return &SENTENCES[i];
    return NULL;
}

bool finding_message_known(const char *message)
{
    struct hole holes[HOLES_MAX];
    return sentence_of(message, holes) != NULL;
}

static void fill(const char *pattern, const struct hole *holes, char text[FINDING_MESSAGE_MAX])
{
    size_t used = 0;
    int k = 0;
    while (*pattern && used + 1 < FINDING_MESSAGE_MAX) {
        if (*pattern != '{') {
            text[used++] = *pattern++;
            continue;
        }
        int which = pattern[1] == '}' ? k++ : pattern[1] - '1';
        pattern += pattern[1] == '}' ? 2 : 3;
        size_t n = holes[which].n, room = FINDING_MESSAGE_MAX - 1 - used;
        n = n < room ? n : room;
        memcpy(text + used, holes[which].at, n);
        used += n;
    }
    while (used && ((unsigned char)text[used - 1] & 0xC0) == 0x80 && *pattern)
        used--; /* cut at a character */
    text[used] = 0;
}

const char *finding_message(const struct finding *f, enum finding_lang lang,
                            char text[FINDING_MESSAGE_MAX])
{
    struct hole holes[HOLES_MAX];
    if (!f->message)
        return finding_text(f->code, lang);
    if (lang == FINDING_EN)
        return f->message;
    const struct sentence *s = sentence_of(f->message, holes);
    if (s)
        fill(s->es, holes, text);
    else
        snprintf(text, FINDING_MESSAGE_MAX, "%s: %.600s", finding_text(f->code, lang), f->message);
    return text;
}
