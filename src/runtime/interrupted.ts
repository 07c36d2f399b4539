/** The process was asked to stop: what was under way has no result. */
export class InterruptedError extends Error {
  constructor(message = 'interrupted: the process was asked to stop') {
    super(message);
    this.name = 'Interrupted';
  }
}
