/* Frames: how the reader process (untrusted once it has looked at a file) speaks to the registry
 * over a pipe.
 *
 * A frame is 8 bytes of head (payload length, type) and the payload, in the machine's own byte
 * order: both ends are the same binary. Coordinates are raw doubles at offsets divisible by 8, so
 * that a decoded boundary points into the frame's copy. The decoder trusts nothing: every count and
 * length is checked against the frame, strings must be UTF-8 without NUL, coordinates finite and
 * boundaries well formed, enums in range. Any doubt is STATUS_CORRUPT "reader_protocol". */
#ifndef IMPORTERS_FRAME_H
#define IMPORTERS_FRAME_H

#include "geo/base/buf.h"
#include "importers/reader.h"

enum { FRAME_HEAD = 8, FRAME_PAYLOAD_MAX = 64 * 1024 * 1024 };

enum frame_type {
    FRAME_REQUEST = 1,
    FRAME_SOURCE,
    FRAME_CANDIDATE,
    FRAME_FINDING,
    FRAME_DONE,
    FRAME_ERROR,
    FRAME_PROBE,
    FRAME_OPENING,
    FRAME_DIGEST
};

enum {
    FRAME_SOURCES_MAX = 1100, /* layers in one request */
    FRAME_COLUMNS_MAX = 2048, /* of a layer */
    FRAME_FINDINGS_MAX = 256, /* of a row */
    FRAME_MAPPINGS_MAX = 2048,
    FRAME_TRANSLATIONS_MAX = 20000,
    FRAME_FILES_MAX = 1000,
    FRAME_PROBE_ROWS_MAX = 400
};

/* Where the reader process hears the answer to a probe, as it stands in memory: both ends are the
 * same binary, and the registry is trusted. */
enum { READER_ANSWER_FD = 3 };
struct probe_answer {
    int epsg;
    struct error refusal; /* status STATUS_OK = none */
};

/* ---- writing (the child; the request: the parent). Frames are appended to `out`; out->failed
 * tells of memory. ---- */

/* columns: the names of the source's attributes, in order; its index is the count of sources
 * written before. */
void frame_put_source(struct buf *out, const struct reader_source *s, const char *const *columns,
                      size_t columns_n);
/* `source` is the index of the source the row belongs to; c->attributes must be that source's
 * columns in order. c->layer and attribute names travel with the source, not with the row. */
void frame_put_candidate(struct buf *out, const struct candidate *c, uint32_t source);
void frame_put_finding(struct buf *out, const struct finding *f);
void frame_put_probe(struct buf *out, const struct reader_probe *p);
/* The file, or the member of an archive, that comes next: said before it is opened, so that the
 * other side can name it should this process not survive it. */
void frame_put_opening(struct buf *out, const char *name);
/* sha256: 64 hex digits. */
void frame_put_digest(struct buf *out, const char *sha256);
void frame_put_done(struct buf *out, uint64_t rows_n);
void frame_put_error(struct buf *out, const struct error *e);
void frame_put_request(struct buf *out, const struct reader_request *r);

/* ---- reading ---- */

struct frame_source;
struct frame_decoder {
    struct frame_source *sources;
    size_t sources_n, sources_capacity;
    uint32_t files_n;
};

void frame_decoder_init(struct frame_decoder *d, uint32_t files_n);
void frame_decoder_clear(struct frame_decoder *d);
/* Payload length in a head, or STATUS_CORRUPT when it is over the limit or the head is malformed.
 */
enum status frame_head(const unsigned char head[FRAME_HEAD], size_t *payload_n,
                       struct error *e) MUST_USE;
/* One whole frame (head and payload). An error frame is returned as that error. Memory from `a`;
 * the bytes are copied. */
enum status frame_decode(struct frame_decoder *d, const unsigned char *frame, size_t frame_n,
                         struct arena *a, struct reader_event *out, struct error *e) MUST_USE;
/* The request, in the child. */
enum status frame_decode_request(const unsigned char *frame, size_t frame_n, struct arena *a,
                                 struct reader_request *out, struct error *e) MUST_USE;

#endif
