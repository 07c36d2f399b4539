import { withoutPreviewNumber } from './preview-number';
import { invalid, show } from './validation-error';
import { AddressManifest } from '../contract/manifest';

/** The accepted form of an address. */
interface AddressForm {
  /** The default port. Without it, the port is required. */
  readonly standard?: number;
  /** The fix for a value that is not an address. */
  readonly fix?: string;
  /** The fix for a host with a placeholder; null if placeholders are allowed. */
  readonly placeholderFix?: string | null;
  /** Whether the host may contain the number of a pull request, which previews replace. */
  readonly allowsPreviewNumber?: boolean;
}

/** Parses `host:port`; an IPv6 address in brackets. */
export function hostAndPort(option: string, value: unknown, { standard, fix, placeholderFix = 'Write the host itself', allowsPreviewNumber = false }: AddressForm = {}): AddressManifest {
  const parts = typeof value === 'string' ? /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9_{}](?:[A-Za-z0-9_{}.-]*[A-Za-z0-9_{}])?))(?::(\d{1,5}))?$/.exec(value) : null;
  const port = parts?.[3] === undefined ? standard : Number(parts[3]);
  if (!parts || port === undefined) invalid(option, `${show(value)} is not an address`, fix ?? 'Write host:port, for example \'db.example.com:5432\' or \'[::1]:5432\'');
  if (port < 1 || port > 65_535) invalid(option, `${port} is not a port`, 'Write a number from 1 to 65535');
  const host = (parts[1] ?? parts[2]).toLowerCase();
  if (placeholderFix !== null) rejectPlaceholder(option, value, allowsPreviewNumber ? withoutPreviewNumber(host) : host, placeholderFix);
  return { host, port };
}

/** Rejects `{slot}` and other placeholders in a host that is used as it is. */
export function rejectPlaceholder(option: string, value: unknown, host: string, fix: string): void {
  if (/[{}]/.test(host)) invalid(option, `${show(value)} contains a placeholder, which is not replaced here`, fix);
}

export function showAddress({ host, port }: AddressManifest): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
