/** An error with the name of its class. */
export class NamedError extends Error {
  /** @param options the system's error as `cause`, if there is one */
  constructor(message: string, options?: { readonly cause: unknown }) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** Wrong usage or configuration: nothing was changed. Exit code 2. The message says what is wrong, where, and how to fix it. */
export class ConfigurationError extends NamedError {}

/** Another process holds the lease of the deployment now. This process stops and changes nothing more. Exit code 2. */
export class LeaseLostError extends NamedError {}

/** Another run works on the environment and did not end in time. Nothing was changed. Exit code 1: retry later. */
export class EnvironmentLockedError extends NamedError {}

/** The process received a signal to stop: what was in progress has no result. */
export class InterruptedError extends NamedError {
  constructor(message = 'interrupted: the process received a signal to stop') {
    super(message);
  }
}

/** The files of a release are missing, or are not the files that were verified. The message names the file and the fix. */
export class ArtifactError extends NamedError {
  /** Whether a retry cannot help: the CI no longer keeps the files. */
  public readonly isGone: boolean;

  constructor(message: string, { isGone = false }: { readonly isGone?: boolean } = {}) {
    super(message);
    this.isGone = isGone;
  }
}

/** The outputs of a step cannot be written, and a later job would decide without them. */
export class OutputError extends NamedError {}
