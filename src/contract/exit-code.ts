/** The exit codes of the runtime. 0: done or nothing to do. 1: unhealthy or rolled back. 2: wrong use or configuration. 3: halted. */
export type ExitCode = 0 | 1 | 2 | 3;
