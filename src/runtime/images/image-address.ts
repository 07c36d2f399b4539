/** Where an image is. */
export interface ImageAddress {
  /** With the port, if it has one: `ghcr.io`. */
  readonly registry: string;
  /** `acme/shop`. */
  readonly name: string;
}

/** Splits a repository, which begins with its registry's host. */
export function addressOf(repository: string): ImageAddress {
  const at = repository.indexOf('/');
  return { registry: repository.slice(0, at), name: repository.slice(at + 1) };
}

/** The digest that a text consists of, in hex. */
export function digestIn(text: string): string | undefined {
  return /^sha256:([0-9a-f]{64})$/.exec(text.trim())?.[1];
}

/** Docker Hub responds under another name than its images have. */
const API_HOSTS: Readonly<Record<string, string>> = { 'docker.io': 'registry-1.docker.io' };

/** The address of a registry's API. Docker, too, speaks plain HTTP to a registry on loopback only. */
export function apiOf(registry: string): URL {
  const isLocal = /^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/.test(registry);
  return new URL(`${isLocal ? 'http' : 'https'}://${API_HOSTS[registry] ?? registry}/v2/`);
}
