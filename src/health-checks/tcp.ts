import { HEALTH_CHECK_OPTIONS, HealthCheckOptions, nameOf, pattern, times, optionNamesOf } from './health-check-options';
import { hasExpression } from '../ci/ci-rules';
import { TcpCheckManifest } from '../contract/manifest';
import { hostAndPort, showAddress } from '../validation/host-and-port';
import { OptionNames } from '../validation/option-types';
import { invalid, show } from '../validation/validation-error';

/**
 * Options for a TCP health check: the expected data, and how often it is probed.
 */
export interface TcpHealthCheckOptions extends HealthCheckOptions {
  /**
   * Data to send once the connection is open: `PING\r\n`.
   *
   * @default - nothing
   */
  readonly send?: string;

  /**
   * A regular expression (JavaScript) that the data from the server must match: `^220 `, `PONG`. The data is matched as it arrives, up to
   * 64 KiB. Without `expect` an accepted connection is healthy, even though the operating system also accepts connections for a process
   * that hangs.
   *
   * @default - an accepted connection is healthy
   */
  readonly expect?: string;

  /**
   * Host and port of a candidate with blue/green; `{slot}` in the host is replaced by the name of its slot. The port of a slot cannot be
   * derived from a URL.
   *
   * @default - a candidate is not probed: the check starts when users see the release
   */
  readonly candidate?: string;
}

export const TCP_OPTIONS: OptionNames<TcpHealthCheckOptions> = { ...HEALTH_CHECK_OPTIONS, send: true, expect: true, candidate: true };

export function tcpCheck(address: string, options: TcpHealthCheckOptions): TcpCheckManifest {
  const option = optionNamesOf(`HealthCheck.tcp(${show(address)})`);
  const where = hostAndPort('HealthCheck.tcp address', address, {
    placeholderFix: 'Write the address that users connect to. {slot} belongs into candidate', allowsPreviewNumber: true,
  });
  const manifest: TcpCheckManifest = {
    kind: 'tcp',
    name: nameOf(options, option, showAddress(where)),
    url: `tcp://${showAddress(where)}`,
    ...times(options, option),
    liveOnly: options.candidate === undefined ? true : undefined,
    address: where,
    candidate: options.candidate === undefined ? undefined : hostAndPort(option('candidate'), options.candidate, { placeholderFix: null }),
    send: options.send,
    expect: options.expect === undefined ? undefined : pattern(option('expect'), options.expect),
  };
  if (/[{}]/.test(manifest.candidate?.host.replaceAll('{slot}', '') ?? '')) {
    invalid(option('candidate'), `${show(options.candidate)} contains an unknown placeholder`, 'Use only {slot}');
  }
  if (options.send !== undefined && (typeof options.send !== 'string' || hasExpression(options.send))) {
    invalid(option('send'), `${show(options.send)} is not plain text`, 'Expressions are not evaluated here, and secrets are not sent: use HealthCheck.command instead');
  }
  return manifest;
}
