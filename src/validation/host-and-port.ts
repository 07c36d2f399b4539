import { invalid, show } from './validation-error';
import { AddressManifest } from '../contract/manifest';

/** How an address may be written. */
export interface AddressForm {
  /** The port where none is given; without it, one must be given. */
  readonly standard?: number;
  /** What to write instead of what is no address. */
  readonly fix?: string;
}

/** `host:port`, an IPv6 address in brackets. */
export function hostAndPort(option: string, value: unknown, { standard, fix = 'Write host:port, for example \'db.example.com:5432\' or \'[::1]:5432\'' }: AddressForm = {}): AddressManifest {
  const parts = typeof value === 'string' ? /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9_{}](?:[A-Za-z0-9_{}.-]*[A-Za-z0-9_{}])?))(?::(\d{1,5}))?$/.exec(value) : null;
  const port = parts?.[3] === undefined ? standard : Number(parts[3]);
  if (!parts || port === undefined) invalid(option, `${show(value)} is not an address`, fix);
  if (port < 1 || port > 65_535) invalid(option, `${port} is not a port`, 'Give a number from 1 to 65535');
  return { host: (parts[1] ?? parts[2]).toLowerCase(), port };
}

export function showAddress({ host, port }: AddressManifest): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
