/* How failure travels in Parcela: a status to test and a struct error to read.
 *
 * A function that can fail returns an enum status (STATUS_OK is 0) and fills the struct error it was given as its
 * last parameter at the place where the failure is seen; callers pass it on and never overwrite it. Users' mistakes in
 * a row are not failures but findings (importers/finding.h). The mapping of a status to an exit code lives in
 * service/cli, to an HTTP status in service/api. */
#ifndef GEO_BASE_ERROR_H
#define GEO_BASE_ERROR_H

#define MUST_USE __attribute__((warn_unused_result))

enum status {
    STATUS_OK = 0,
    STATUS_USAGE,     /* the request itself is wrong: option, parameter, argument */
    STATUS_INVALID,   /* the input (file, geometry, parameter value) is wrong */
    STATUS_NOT_FOUND, /* what is named does not exist */
    STATUS_CONFLICT,  /* it exists already, or something else stands in the way */
    STATUS_BUSY,      /* another process writes this registry */
    STATUS_LIMIT,     /* a named limit (service/limits.h) was passed */
    STATUS_IO,        /* the disk, a pipe or a socket failed */
    STATUS_CORRUPT,   /* stored data contradict themselves */
    STATUS_MEMORY,    /* no memory */
    STATUS_CANCELLED, /* stopped on request */
    STATUS_INTERNAL   /* a fault of this program */
};

struct error {
    enum status status;
    char code[48];     /* stable, snake_case, for programs: "crs_missing" */
    char message[512]; /* what is wrong and where, for people, one sentence */
    char remedy[320];  /* what to do, or "" */
};

/* Fills *e (NULL allowed) and returns `status`. `remedy` may be NULL. Thread-safe; never allocates. */
enum status error_set(struct error *e, enum status status, const char *code, const char *remedy,
                      const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Short for a failed allocation: STATUS_MEMORY, code "out_of_memory". */
enum status error_memory(struct error *e);

#endif
