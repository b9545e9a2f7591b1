#include "app/system/memory.h"

int main(void) {
    return 0;
}
