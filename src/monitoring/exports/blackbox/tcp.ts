import { Module } from './module';
import { TcpCheckManifest } from '../../../contract/manifest';
import { showAddress } from '../../../validation/host-and-port';
import { show } from '../../../validation/validation-error';
import { Difference, Json, Mapped } from '../engine';
import { goDuration } from '../go-duration';
import { EXPORTER, portablePattern } from '../portable-pattern';

/** @see https://github.com/prometheus/blackbox_exporter/blob/master/CONFIGURATION.md#tcp_probe */
export function tcpModule({ address, expect, name, send, timeoutMs }: TcpCheckManifest): Mapped<Module> {
  const differences: Difference[] = [];
  const talk: Json[] = [];
  if (send !== undefined) {
    if (!send.endsWith('\n')) differences.push({ condition: `send ${show(send)}`, why: 'the exporter sends an end of line after it' });
    talk.push({ send: send.replace(/\n$/, '') });
  }
  if (expect !== undefined) {
    talk.push({ expect: portablePattern(`health check ${show(name)} expect`, expect, EXPORTER) });
    differences.push({ condition: `expect ${show(expect)}`, why: 'the exporter reads line by line', isRemark: true });
  }
  const tcp = { preferred_ip_protocol: 'ip4', ...(talk.length > 0 ? { query_response: talk } : {}) };
  return { made: { module: { prober: 'tcp', timeout: goDuration(timeoutMs), tcp }, target: showAddress(address) }, differences };
}
