import { jsonExpression } from './json-expression';
import { Module } from './module';
import { requestHeaders } from './request-headers';
import { BlackboxSettings } from './settings';
import { HttpCheckManifest } from '../../../contract/manifest';
import { show } from '../../../validation/validation-error';
import { Difference, Json, Mapped } from '../engine';
import { goDuration } from '../go-duration';
import { EXPORTER, portablePattern } from '../portable-pattern';
import { isAnySuccess, statusCodes } from '../status-codes';

/** The first exporter that knows them. */
const JSON_CONDITIONS = 27;

/** @see https://github.com/prometheus/blackbox_exporter/blob/master/CONFIGURATION.md#http_probe */
export function httpModule(check: HttpCheckManifest, settings: BlackboxSettings): Mapped<Module> {
  const differences: Difference[] = [];
  const http = {
    preferred_ip_protocol: 'ip4',
    ...statuses(check),
    ...(check.maxRedirects === 0 ? { follow_redirects: false } : {}),
    ...requestHeaders(check, settings, differences),
    ...bodyPattern(check),
    ...headers(check),
    ...json(check, settings, differences),
  };
  differences.push(...otherDifferences(check));
  const { maxLatencyMs, certificateExpiryMs } = check;
  const module = { prober: 'http', timeout: goDuration(check.timeoutMs), http };
  return { made: { module, target: check.url, maxLatencyMs, certificateExpiryMs }, differences };
}

function statuses({ status }: HttpCheckManifest): { [key: string]: Json } {
  const codes = statusCodes(status);
  return isAnySuccess(codes) ? {} : { valid_status_codes: codes };
}

function bodyPattern({ bodyPattern: source, name }: HttpCheckManifest): { [key: string]: Json } {
  if (source === undefined) return {};
  return { fail_if_body_not_matches_regexp: [portablePattern(`health check ${show(name)} bodyPattern`, source, EXPORTER)] };
}

function headers({ headers: conditions, name: check }: HttpCheckManifest): { [key: string]: Json } {
  const specs = conditions.map(({ name, pattern }): Json => (
    // an empty one is none to the exporter
    { header: name, regexp: portablePattern(`health check ${show(check)} headers ${name}`, pattern, EXPORTER) || '^', allow_missing: false }
  ));
  return specs.length > 0 ? { fail_if_header_not_matches: specs } : {};
}

function json(check: HttpCheckManifest, { exporterVersion: [major, minor] }: BlackboxSettings, differences: Difference[]): { [key: string]: Json } {
  const { json: conditions, release } = check;
  const isAsked = conditions.length > 0 || release?.kind === 'json';
  if (!isAsked) return {};
  if (major > 0 || minor >= JSON_CONDITIONS) return { fail_if_body_json_not_matches_cel: jsonExpression(conditions, release) };
  differences.push(...conditions.map(({ path }) => ({ condition: `json ${path}`, why: `only an exporter since 0.${JSON_CONDITIONS} reads JSON` })));
  return {};
}

function otherDifferences({ release, maxRedirects, certificateExpiryMs }: HttpCheckManifest): Difference[] {
  return [
    ...(release ? [{
      condition: `release ${release.kind === 'json' ? release.path : release.name}`,
      why: 'the exporter does not know which release is live: the old one passes for the new one',
    }] : []),
    ...(maxRedirects === 0 || maxRedirects === 5 ? [] : [{
      condition: `maxRedirects ${maxRedirects}`, why: 'the exporter follows up to 10 redirects', isRemark: maxRedirects > 5,
    }]),
    ...(certificateExpiryMs === undefined ? [] : [{
      condition: 'certificateExpiry', why: 'the chain to a trusted authority counts, not only the server\'s own certificate', isRemark: true,
    }]),
  ];
}
