/** Another process carries the deployment now. This one stops, and touches nothing more. Exit code 2. */
export class LeaseLostError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Lost';
  }
}
