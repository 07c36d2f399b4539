/** Inserted by the bundler: the version of the package. */
declare const RUNTIME_VERSION: string | undefined;

/** The version of projen-delivery that runs. */
export const VERSION = typeof RUNTIME_VERSION === 'string' ? RUNTIME_VERSION : '0.0.0';
