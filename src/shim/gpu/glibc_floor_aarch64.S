/* AArch64: the same as glibc_floor_x86_64.S, which explains it. The oldest glibc here is 2.17. */

.macro OLD name
    .symver headway_old_\name, \name\()@GLIBC_2.17
    .globl \name
    .hidden \name
    .type \name, %function
    .p2align 4
\name:
    hint #34                            /* bti c */
    adrp x16, :got:headway_old_\name
    ldr x16, [x16, :got_lo12:headway_old_\name]
    br x16
    .size \name, . - \name
.endm

/* stat() and its kin were inline functions over __xstat(version 0, ...). */
.macro OLD_STAT name old
    .symver headway_old_\old, \old\()@GLIBC_2.17
    .globl \name
    .hidden \name
    .type \name, %function
    .p2align 4
\name:
    hint #34
    mov x2, x1
    mov x1, x0
    mov w0, #0
    adrp x16, :got:headway_old_\old
    ldr x16, [x16, :got_lo12:headway_old_\old]
    br x16
    .size \name, . - \name
.endm

    .text
    OLD dlsym
    OLD dlclose
    OLD dladdr
    OLD dlinfo
    OLD_STAT stat, __xstat
    OLD_STAT fstat, __fxstat
    OLD_STAT lstat, __lxstat

    .section .note.GNU-stack, "", @progbits
