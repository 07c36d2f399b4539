import { Release } from '../../../runtime/release';

const NAME = /^[0-9a-f]{7,64}-[0-9a-f]{16}$/;

/** The name of a release where it is published: its commit and its files. */
export function releaseName({ sha }: Pick<Release, 'sha'>, digest: string): string {
  return `${sha}-${digest.slice(0, 16)}`;
}

/** Whether a published name is that of a release: nothing else is ever deleted. */
export function isReleaseName(name: string): boolean {
  return NAME.test(name);
}
