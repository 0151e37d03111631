/* Linked statically: no loader runs, and so no preloaded library. */
#include <stdio.h>

int main(void) {
    puts("static");
    return 0;
}
