/* Keeps the library loadable by glibc 2.28 and older, on whatever it is built.
 *
 * glibc 2.33 and 2.34 gave old functions new symbol versions. An object linked there asks for the
 * new ones, and no older system can load it. These hidden functions are found first by everything
 * that is linked into the library, and lead to the old versions, which every glibc still has. They
 * jump, so that dlsym(RTLD_NEXT) sees its real caller. tests/shim checks the versions that the
 * library asks for. */

.macro OLD name version
    .symver headway_old_\name, \name\()@\version
    .globl \name
    .hidden \name
    .type \name, @function
    .p2align 4
\name:
    endbr64
    jmp *headway_old_\name\()@GOTPCREL(%rip)
    .size \name, . - \name
.endm

/* stat() and its kin were inline functions over __xstat(version 1, ...). */
.macro OLD_STAT name old
    .symver headway_old_\old, \old\()@GLIBC_2.2.5
    .globl \name
    .hidden \name
    .type \name, @function
    .p2align 4
\name:
    endbr64
    movq %rsi, %rdx
    movq %rdi, %rsi
    movl $1, %edi
    jmp *headway_old_\old\()@GOTPCREL(%rip)
    .size \name, . - \name
.endm

    .text
    OLD dlsym, GLIBC_2.2.5
    OLD dlclose, GLIBC_2.2.5
    OLD dladdr, GLIBC_2.2.5
    OLD dlinfo, GLIBC_2.3.3
    OLD_STAT stat, __xstat
    OLD_STAT fstat, __fxstat
    OLD_STAT lstat, __lxstat

    .section .note.GNU-stack, "", @progbits
