/** Wrong usage or configuration: nothing was changed. Exit code 2. The message says what is wrong, where, and how to fix it. */
export class ConfigurationError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ConfigurationError';
  }
}

/** Another process holds the lease of the deployment now. This process stops and changes nothing more. Exit code 2. */
export class LeaseLostError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'LeaseLostError';
  }
}

/** Another run works on the environment and did not end in time. Nothing was changed. Exit code 1: retry later. */
export class EnvironmentLockedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'EnvironmentLockedError';
  }
}

/** The process was asked to stop: what was in progress has no result. */
export class InterruptedError extends Error {
  constructor(message = 'interrupted: the process was asked to stop') {
    super(message);
    this.name = 'InterruptedError';
  }
}

/** The files of a release are missing, or are not the files that were verified. The message names the file and the remedy. */
export class ArtifactError extends Error {
  /** Whether a retry cannot help: the CI no longer keeps the files. */
  public readonly isGone: boolean;

  constructor(message: string, { isGone = false }: { readonly isGone?: boolean } = {}) {
    super(message);
    this.name = 'ArtifactError';
    this.isGone = isGone;
  }
}

/** The outputs of a step cannot be written, and a later job would decide without them. */
export class OutputError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'OutputError';
  }
}
