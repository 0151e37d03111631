/* The stand-in's exported symbols: each jumps to its function in table.cc. */
#if !defined(__x86_64__)
#error "the stand-in driver is written for x86-64"
#endif
    .set standin_row, 0

.macro EXPORT symbol
    .globl \symbol
    .type \symbol, @function
    .p2align 4
\symbol:
    endbr64
    movq standin_table@GOTPCREL(%rip), %r11
    jmp *8 * standin_row(%r11)
    .size \symbol, . - \symbol
    .set standin_row, standin_row + 1
.endm

    .text
#define API(symbol, ...) EXPORT symbol
#include "driver_api.tbl"
#undef API

    .section .note.GNU-stack, "", @progbits
