/** Another run is at work on the environment, and did not end in time. Nothing was changed. Exit code 1: it may be tried again. */
export class EnvironmentLockedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Busy';
  }
}
