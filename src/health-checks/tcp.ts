import { HEALTH_CHECK_OPTIONS, HealthCheckOptions, checkName, pattern, times, optionNamesOf } from './health-check-options';
import { TcpCheckManifest } from '../contract/manifest';
import { hostAndPort, showAddress } from '../validation/host-and-port';
import { OptionNames } from '../validation/option-types';
import { invalid, show } from '../validation/validation-error';

/**
 * When a TCP health check is satisfied, and how often it looks.
 */
export interface TcpHealthCheckOptions extends HealthCheckOptions {
  /**
   * What is sent once the connection stands: `PING\r\n`.
   *
   * @default - nothing
   */
  readonly send?: string;

  /**
   * A regular expression (JavaScript) that what the server says first must match somewhere: `^220 `, `PONG`. It is looked at as it
   * arrives, up to 64 KiB. Without it an accepted connection is all that is asked, and the machine itself accepts one for a process that hangs.
   *
   * @default - a connection is enough
   */
  readonly expect?: string;

  /**
   * With blue/green: host and port where a candidate is asked; `{slot}` in the host stands for its slot's name. Which port a slot
   * has cannot be derived from a URL.
   *
   * @default - a candidate is not asked: the check begins when users see the release
   */
  readonly candidate?: string;
}

export const TCP_OPTIONS: OptionNames<TcpHealthCheckOptions> = { ...HEALTH_CHECK_OPTIONS, send: true, expect: true, candidate: true };

export function tcpCheck(address: string, options: TcpHealthCheckOptions): TcpCheckManifest {
  const option = optionNamesOf(`HealthCheck.tcp(${show(address)})`);
  const where = hostAndPort('HealthCheck.tcp address', address);
  if (where.host.includes('{')) invalid('HealthCheck.tcp address', `${show(address)} holds a placeholder`, 'Say where users\' release is; {slot} belongs into candidate');
  const manifest: TcpCheckManifest = {
    kind: 'tcp',
    name: options.name ?? showAddress(where),
    url: `tcp://${showAddress(where)}`,
    ...times(options, option),
    liveOnly: options.candidate === undefined ? true : undefined,
    address: where,
    candidate: options.candidate === undefined ? undefined : hostAndPort(option('candidate'), options.candidate),
    send: options.send,
    expect: options.expect === undefined ? undefined : pattern(option('expect'), options.expect),
  };
  checkName(option('name'), manifest.name);
  if (/[{}]/.test(manifest.candidate?.host.replaceAll('{slot}', '') ?? '')) {
    invalid(option('candidate'), `${show(options.candidate)} holds a placeholder that nobody fills in`, 'Only {slot} is known');
  }
  if (options.send !== undefined && (typeof options.send !== 'string' || options.send.includes('${{'))) {
    invalid(option('send'), `${show(options.send)} is not plain text`, 'Nobody evaluates an expression here, and no secret is sent: use HealthCheck.command for that');
  }
  return manifest;
}
