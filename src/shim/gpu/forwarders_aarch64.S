/* AArch64: the same as forwarders_x86_64.S, which explains it. It assembles; it has not been run on
 * such a machine yet. A slot is read with acquire: what it leads to reads data written earlier. */

.macro HIDDEN name
    .globl \name
    .hidden \name
.endm

HIDDEN headway_shim_slots
HIDDEN headway_shim_targets
HIDDEN headway_shim_counts
HIDDEN headway_shim_count_thunks
HIDDEN headway_shim_forwarders
#ifndef HEADWAY_FORWARDERS_ONLY
HIDDEN headway_real_dlopen
HIDDEN headway_real_dlmopen
#endif

    .section .data.headway_slots, "aw", @progbits
    .p2align 6
headway_shim_slots:
    .section .bss.headway_targets, "aw", @nobits
    .p2align 6
headway_shim_targets:
    .section .bss.headway_counts, "aw", @nobits
    .p2align 6
headway_shim_counts:
    .section .text.headway_count, "ax", @progbits
    .p2align 5
headway_shim_count_thunks:
    .section .text.headway_forward, "ax", @progbits
    .p2align 5
headway_shim_forwarders:

    .section .text.headway_lazy, "ax", @progbits
    .type headway_shim_lazy, %function
headway_shim_lazy:                      /* w17: the row's number */
    .cfi_startproc
    stp x29, x30, [sp, #-208]!
    .cfi_def_cfa_offset 208
    .cfi_offset x29, -208
    .cfi_offset x30, -200
    stp x0, x1, [sp, #16]
    stp x2, x3, [sp, #32]
    stp x4, x5, [sp, #48]
    stp x6, x7, [sp, #64]
    stp q0, q1, [sp, #80]
    stp q2, q3, [sp, #112]
    stp q4, q5, [sp, #144]
    stp q6, q7, [sp, #176]
    mov w0, w17
    bl headway_shim_bind
    mov x16, x0
    ldp x0, x1, [sp, #16]
    ldp x2, x3, [sp, #32]
    ldp x4, x5, [sp, #48]
    ldp x6, x7, [sp, #64]
    ldp q0, q1, [sp, #80]
    ldp q2, q3, [sp, #112]
    ldp q4, q5, [sp, #144]
    ldp q6, q7, [sp, #176]
    ldp x29, x30, [sp], #208
    .cfi_def_cfa_offset 0
    br x16
    .cfi_endproc
    .size headway_shim_lazy, . - headway_shim_lazy

    .set headway_row, 0

.macro FORWARD symbol
    .section .text.headway_forward, "ax", @progbits
    .globl \symbol
    .type \symbol, %function
    .org headway_shim_forwarders + 32 * headway_row        /* kForwarderBytes */
\symbol:
    hint #34                            /* bti c */
    adrp x16, headway_shim_slots + 8 * headway_row
    add x16, x16, :lo12:headway_shim_slots + 8 * headway_row
    ldar x16, [x16]
    br x16
    .size \symbol, . - \symbol

    .section .text.headway_lazy, "ax", @progbits
.Llazy_\symbol:
    hint #34
    mov w17, #headway_row
    b headway_shim_lazy

    .section .text.headway_count, "ax", @progbits
    .org headway_shim_count_thunks + 64 * headway_row      /* kCountThunkBytes */
    hint #34
    adrp x16, headway_shim_counts + 8 * headway_row
    add x16, x16, :lo12:headway_shim_counts + 8 * headway_row
1:  ldxr x17, [x16]
    add x17, x17, #1
    stxr w15, x17, [x16]
    cbnz w15, 1b
    adrp x16, headway_shim_targets + 8 * headway_row
    add x16, x16, :lo12:headway_shim_targets + 8 * headway_row
    ldr x16, [x16]
    br x16

    .section .data.headway_slots, "aw", @progbits
    .xword .Llazy_\symbol
    .section .bss.headway_targets, "aw", @nobits
    .skip 8
    .section .bss.headway_counts, "aw", @nobits
    .skip 8
    .set headway_row, headway_row + 1
.endm

#define API(symbol, ...) FORWARD symbol
#include "driver_api.tbl"
#undef API

#ifndef HEADWAY_FORWARDERS_ONLY
/* Jumps through a word in memory, by x16. */
.macro JUMP_THROUGH word
    adrp x16, \word
    add x16, x16, :lo12:\word
    ldar x16, [x16]
    br x16
.endm

    .section .text.headway_loader, "ax", @progbits
    .globl dlopen
    .type dlopen, %function
    .p2align 4
dlopen:
    .cfi_startproc
    hint #34
    stp x29, x30, [sp, #-32]!
    .cfi_def_cfa_offset 32
    .cfi_offset x29, -32
    .cfi_offset x30, -24
    str x1, [sp, #16]
    bl headway_loader_name
    ldr x1, [sp, #16]
    ldp x29, x30, [sp], #32
    .cfi_def_cfa_offset 0
    JUMP_THROUGH headway_real_dlopen
    .cfi_endproc
    .size dlopen, . - dlopen

    .globl dlmopen
    .type dlmopen, %function
    .p2align 4
dlmopen:
    .cfi_startproc
    hint #34
    stp x29, x30, [sp, #-32]!
    .cfi_def_cfa_offset 32
    .cfi_offset x29, -32
    .cfi_offset x30, -24
    stp x0, x2, [sp, #16]
    bl headway_loader_name_in
    mov x1, x0
    ldp x0, x2, [sp, #16]
    ldp x29, x30, [sp], #32
    .cfi_def_cfa_offset 0
    JUMP_THROUGH headway_real_dlmopen
    .cfi_endproc
    .size dlmopen, . - dlmopen

    .section .bss.headway_loader, "aw", @nobits
    .p2align 3
headway_real_dlopen:
    .skip 8
headway_real_dlmopen:
    .skip 8
#endif

    .section .note.GNU-stack, "", @progbits
