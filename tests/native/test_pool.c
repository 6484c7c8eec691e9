/* placeholder */
#include "check_run.h"
void check_pool(void)
{
}
