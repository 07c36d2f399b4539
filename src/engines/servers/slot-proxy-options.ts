/** What the options of every proxy of `ServerSlots` have in common. */
import { CaddySlotsManifest, HaproxySlotsManifest } from './slots-manifest';
import { listOf } from '../../validation/option-types';
import { invalid, show } from '../../validation/validation-error';

/** What `ServerSlots` needs to make of the hosts, which the target reads as its own. */
export interface ServerSlotsDefinition {
  readonly proxy: Omit<HaproxySlotsManifest, 'hosts'> | Omit<CaddySlotsManifest, 'hosts'>;
  readonly hosts?: readonly string[];
}

/** For people. */
type Product = 'HAProxy' | 'Caddy';

/** socat reads a comma, a colon, a quote and an exclamation mark in its address itself. */
export function checkPath(option: string, path: string, product: Product, example: string): void {
  if (typeof path === 'string' && /^(?:\/[\w.@+-]+)+$/.test(path) && !path.split('/').includes('..')) return;
  invalid(option, `${show(path)} is not the absolute path of a file, of letters, digits, '.', '_', '-', '@' and '+'`, `Write it as in ${product}'s configuration, for example '${example}'`);
}

export function checkSocketPath(option: string, path: string, product: Product, example: string): string {
  checkPath(option, path, product, example);
  // the length that Linux allows
  if (path.length < 108) return path;
  invalid(option, `${show(path)} is longer than the 107 characters of a UNIX socket's path`, 'Use a shorter path');
}

export function checkProxyHosts(option: string, hosts: string[] | undefined, product: Product): void {
  if (hosts === undefined || listOf(option, hosts, '\'proxy.example.com\'').length > 0) return;
  invalid(option, 'it is empty', `Name the machines that ${product} runs on, or leave it out if it runs on the hosts of the target`);
}
