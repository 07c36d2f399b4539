/** Another process carries the deployment now. This one stops, and touches nothing more. Exit code 2. */
export class Lost extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Lost';
  }
}
