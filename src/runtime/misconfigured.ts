/** Wrong use or configuration: nothing was changed. Exit code 2; the message says what, where, and the mend. */
export class ConfigurationError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Misconfigured';
  }
}
