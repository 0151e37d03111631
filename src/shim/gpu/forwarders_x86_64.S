/* x86-64: one exported forwarder a row of driver_api.tbl, and the two loader functions that we
 * override, but for HEADWAY_FORWARDERS_ONLY.
 *
 * A forwarder jumps through its slot. A slot first leads to a stub that has headway_shim_bind()
 * choose the target (the driver, a hook, or a counting thunk in front of either) and then holds
 * that target. Nothing runs when the library is loaded. */

/* All registers that can carry arguments, kept over a call into C++. At entry the stack is as a
 * caller leaves it plus one pushed word, so it is aligned to 16 bytes. */
.macro SAVE_ARGUMENTS
    subq $192, %rsp
    .cfi_adjust_cfa_offset 192
    movq %rdi, 0(%rsp)
    movq %rsi, 8(%rsp)
    movq %rdx, 16(%rsp)
    movq %rcx, 24(%rsp)
    movq %r8, 32(%rsp)
    movq %r9, 40(%rsp)
    movq %rax, 48(%rsp)
    movups %xmm0, 64(%rsp)
    movups %xmm1, 80(%rsp)
    movups %xmm2, 96(%rsp)
    movups %xmm3, 112(%rsp)
    movups %xmm4, 128(%rsp)
    movups %xmm5, 144(%rsp)
    movups %xmm6, 160(%rsp)
    movups %xmm7, 176(%rsp)
.endm

.macro RESTORE_ARGUMENTS
    movq 0(%rsp), %rdi
    movq 8(%rsp), %rsi
    movq 16(%rsp), %rdx
    movq 24(%rsp), %rcx
    movq 32(%rsp), %r8
    movq 40(%rsp), %r9
    movq 48(%rsp), %rax
    movups 64(%rsp), %xmm0
    movups 80(%rsp), %xmm1
    movups 96(%rsp), %xmm2
    movups 112(%rsp), %xmm3
    movups 128(%rsp), %xmm4
    movups 144(%rsp), %xmm5
    movups 160(%rsp), %xmm6
    movups 176(%rsp), %xmm7
    addq $192, %rsp
    .cfi_adjust_cfa_offset -192
.endm

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
    .type headway_shim_lazy, @function
headway_shim_lazy:                      /* on the stack: the row's number, the return address */
    .cfi_startproc
    .cfi_adjust_cfa_offset 8
    SAVE_ARGUMENTS
    movl 192(%rsp), %edi
    call headway_shim_bind
    movq %rax, %r11
    RESTORE_ARGUMENTS
    addq $8, %rsp
    .cfi_adjust_cfa_offset -8
    jmp *%r11
    .cfi_endproc
    .size headway_shim_lazy, . - headway_shim_lazy

    .set headway_row, 0

.macro FORWARD symbol
    .section .text.headway_forward, "ax", @progbits
    .globl \symbol
    .type \symbol, @function
    .org headway_shim_forwarders + 32 * headway_row        /* kForwarderBytes; fails if longer */
\symbol:
    endbr64
    jmp *headway_shim_slots + 8 * headway_row(%rip)
    .size \symbol, . - \symbol

    .section .text.headway_lazy, "ax", @progbits
    .p2align 4
.Llazy_\symbol:
    endbr64
    pushq $headway_row
    jmp headway_shim_lazy

    .section .text.headway_count, "ax", @progbits
    .org headway_shim_count_thunks + 32 * headway_row      /* kCountThunkBytes */
    endbr64
    lock incq headway_shim_counts + 8 * headway_row(%rip)
    jmp *headway_shim_targets + 8 * headway_row(%rip)

    .section .data.headway_slots, "aw", @progbits
    .quad .Llazy_\symbol
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
/* dlopen and dlmopen: the name may be replaced, then the C library's own function is entered by a
 * jump. It must see the caller's return address: by that it knows whose RUNPATH and $ORIGIN to
 * search. */
    .section .text.headway_loader, "ax", @progbits
    .globl dlopen
    .type dlopen, @function
    .p2align 4
dlopen:
    .cfi_startproc
    endbr64
    subq $24, %rsp
    .cfi_adjust_cfa_offset 24
    movq %rsi, 8(%rsp)
    call headway_loader_name
    movq %rax, %rdi
    movq 8(%rsp), %rsi
    addq $24, %rsp
    .cfi_adjust_cfa_offset -24
    jmp *headway_real_dlopen(%rip)
    .cfi_endproc
    .size dlopen, . - dlopen

    .globl dlmopen
    .type dlmopen, @function
    .p2align 4
dlmopen:
    .cfi_startproc
    endbr64
    subq $24, %rsp
    .cfi_adjust_cfa_offset 24
    movq %rdi, 0(%rsp)
    movq %rdx, 8(%rsp)
    call headway_loader_name_in
    movq %rax, %rsi
    movq 0(%rsp), %rdi
    movq 8(%rsp), %rdx
    addq $24, %rsp
    .cfi_adjust_cfa_offset -24
    jmp *headway_real_dlmopen(%rip)
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
