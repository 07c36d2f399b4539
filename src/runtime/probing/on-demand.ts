/* eslint-disable @typescript-eslint/no-require-imports -- an import would load them at start-up, for every command, and `import()` does not run under jest */

/** Modules that cost start-up, and that not every command needs. */
export const onDemand = {
  http: () => require('node:http') as typeof import('node:http'),
  https: () => require('node:https') as typeof import('node:https'),
  zlib: () => require('node:zlib') as typeof import('node:zlib'),
};
