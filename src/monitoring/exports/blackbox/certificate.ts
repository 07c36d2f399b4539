import { Module } from './module';
import { CertificateCheckManifest } from '../../../contract/manifest';
import { showAddress } from '../../../validation/host-and-port';
import { Mapped } from '../engine';
import { goDuration } from '../go-duration';

/** A handshake, and what the exporter measures of the certificates in it. */
export function certificateModule({ address, timeoutMs, validForMs }: CertificateCheckManifest): Mapped<Module> {
  const module = { prober: 'tcp', timeout: goDuration(timeoutMs), tcp: { preferred_ip_protocol: 'ip4', tls: true } };
  return { made: { module, target: showAddress(address), certificateExpiryMs: validForMs }, differences: [] };
}
