/** Returns a function that makes a value on its first call. */
export function lazily<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** Merges two objects. Getters stay getters, so each part is made when it is first needed. */
export function joined<A extends object, B extends object>(one: A, other: B): A & B {
  return Object.defineProperties({}, { ...Object.getOwnPropertyDescriptors(one), ...Object.getOwnPropertyDescriptors(other) }) as A & B;
}

/* eslint-disable @typescript-eslint/no-require-imports, import/no-extraneous-dependencies -- an import would load them in every command, `import()` does not run under jest, and packages are bundled */

/** Modules that slow down the start and that not every command needs. */
export const onDemand = {
  childProcess: () => require('node:child_process') as typeof import('node:child_process'),
  http: () => require('node:http') as typeof import('node:http'),
  https: () => require('node:https') as typeof import('node:https'),
  dns: () => require('node:dns/promises') as typeof import('node:dns/promises'),
  tls: () => require('node:tls') as typeof import('node:tls'),
  hpagent: () => require('hpagent') as typeof import('hpagent'),
  proxyFromEnv: () => require('proxy-from-env') as { getProxyForUrl(url: string): string },
  yauzl: () => require('yauzl') as typeof import('yauzl'),
  zlib: () => require('node:zlib') as typeof import('node:zlib'),
};
