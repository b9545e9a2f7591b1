#include "app/commands/command.h"

#include <fcntl.h>

/* Where the standard streams are closed, files and the display's connection would get their numbers, and messages go
 * into them. Nothing can be written to these, as before. */
static void keep_standard_streams(void) {
    for (int stream = 0; stream < 3; stream++)
        if (fcntl(stream, F_GETFD) < 0) (void)!open("/dev/null", stream == 0 ? O_WRONLY : O_RDONLY);
}

int main(int argc, char **argv) {
    keep_standard_streams();
    return (int)command_main(argc, argv);
}
