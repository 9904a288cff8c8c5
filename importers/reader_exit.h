/* Exit codes by which a dying reader process says why, when it can still say anything. */
#ifndef IMPORTERS_READER_EXIT_H
#define IMPORTERS_READER_EXIT_H

enum reader_exit {
    READER_EXIT_USAGE = 64,
    READER_EXIT_LIBRARY = 70,
    READER_EXIT_MEMORY = 71,
    READER_EXIT_PIPE = 74
};

#endif
