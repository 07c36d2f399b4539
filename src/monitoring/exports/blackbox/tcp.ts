import { Module } from './module';
import { TcpCheckManifest } from '../../../contract/manifest';
import { showAddress } from '../../../validation/host-and-port';
import { show } from '../../../validation/validation-error';
import { Difference, Json, Mapped } from '../engine';
import { goDuration } from '../go-duration';
import { re2Pattern } from '../re2-pattern';

/** @see https://github.com/prometheus/blackbox_exporter/blob/master/CONFIGURATION.md#tcp_probe */
export function tcpModule({ address, timeoutMs, send, expect }: TcpCheckManifest): Mapped<Module> {
  const differences: Difference[] = [];
  const talk: Json[] = [];
  if (send !== undefined) {
    if (!send.endsWith('\n')) differences.push({ condition: `send ${show(send)}`, why: 'the exporter sends an end of line after it' });
    talk.push({ send: send.replace(/\n$/, '') });
  }
  if (expect !== undefined) {
    const condition = `expect ${show(expect)}`;
    const translated = re2Pattern(expect);
    if (translated.fault === undefined) talk.push({ expect: translated.pattern });
    differences.push(translated.fault === undefined ? { condition, why: 'the exporter reads line by line', isRemark: true } : { condition, why: translated.fault });
  }
  const tcp = { preferred_ip_protocol: 'ip4', ...(talk.length > 0 ? { query_response: talk } : {}) };
  return { made: { module: { prober: 'tcp', timeout: goDuration(timeoutMs), tcp }, target: showAddress(address) }, differences };
}
