import { bodyCondition } from './body-condition';
import { Metric } from './metric';
import { HttpCheckManifest } from '../../../contract/manifest';
import { show } from '../../../validation/validation-error';
import { Difference, Json, leftOut, Mapped } from '../engine';
import { goDuration } from '../go-duration';
import { portablePattern } from '../portable-pattern';
import { isAnySuccess, showStatusCodes, statusCodes } from '../status-codes';

/** @see https://argo-rollouts.readthedocs.io/en/stable/analysis/web/ */
export function httpMetric(check: HttpCheckManifest): Mapped<Metric> {
  const codes = statusCodes(check.status);
  if (!codes.some((code) => code >= 200 && code <= 299)) {
    return leftOut(`status ${showStatusCodes(codes)}`, 'Argo takes every answer but 2xx for an error');
  }
  const { bodyPattern, name } = check;
  const pattern = bodyPattern === undefined ? undefined : portablePattern(`health check ${show(name)} bodyPattern`, bodyPattern, 'Argo Rollouts');
  const made: Metric = {
    provider: { web: web(check) },
    condition: bodyCondition(check, pattern),
    asksRelease: check.release?.kind === 'json',
    secrets: Object.values(check.secretRequestHeaders),
  };
  return { made, differences: [...statusDifferences(codes), ...patternDifferences(check), ...otherDifferences(check)] };
}

function web({ url, timeoutMs, maxLatencyMs, requestHeaders, secretRequestHeaders }: HttpCheckManifest): Json {
  const headers = [
    ...Object.entries(requestHeaders).filter(([, value]) => !isTemplate(value)).map(([key, value]) => ({ key, value })),
    ...Object.entries(secretRequestHeaders).map(([key, secret]) => ({ key, value: `{{args.${secret}}}` })),
  ];
  return {
    // nothing in a URL means anything to Argo
    url: url.replaceAll('{', '%7B').replaceAll('}', '%7D'),
    timeoutSeconds: isWholeSeconds(maxLatencyMs) ? Math.min(maxLatencyMs / 1000, Math.ceil(timeoutMs / 1000)) : Math.ceil(timeoutMs / 1000),
    ...(headers.length > 0 ? { headers } : {}),
  };
}

function statusDifferences(codes: number[]): Difference[] {
  if (isAnySuccess(codes)) return [];
  return [{ condition: `status ${showStatusCodes(codes)}`, why: 'Argo takes 200 to 299, neither more nor less' }];
}

function patternDifferences({ bodyPattern, json, release }: HttpCheckManifest): Difference[] {
  if (bodyPattern === undefined) return [];
  const condition = `bodyPattern ${show(bodyPattern)}`;
  const isJson = json.length > 0 || release?.kind === 'json';
  return [{ condition, why: `Argo keeps no text of a JSON body: ${isJson ? 'it is not looked at' : 'it is looked at only where the body is no JSON'}` }];
}

function otherDifferences(check: HttpCheckManifest): Difference[] {
  const { headers, requestHeaders, release, maxLatencyMs, timeoutMs, certificateExpiryMs, maxRedirects } = check;
  return [
    ...headers.map(({ name }) => ({ condition: `headers ${name}`, why: 'Argo sees no headers of an answer' })),
    ...Object.entries(requestHeaders).filter(([, value]) => isTemplate(value)).map(([name]) => (
      { condition: `requestHeaders ${name}`, why: 'it is not sent: Argo would replace the braces in its value' }
    )),
    ...(release?.kind === 'header' ? [{ condition: `release ${release.name}`, why: 'Argo sees no headers: the old release passes for the new one' }] : []),
    ...(maxLatencyMs === undefined || isWholeSeconds(maxLatencyMs) ? [] : [
      { condition: `maxLatency ${goDuration(maxLatencyMs)}`, why: 'Argo counts whole seconds' },
    ]),
    ...(timeoutMs % 1000 === 0 ? [] : [{ condition: `timeout ${goDuration(timeoutMs)}`, why: `Argo counts whole seconds: ${Math.ceil(timeoutMs / 1000)}`, isRemark: true }]),
    ...(certificateExpiryMs === undefined ? [] : [{ condition: 'certificateExpiry', why: 'Argo only looks whether the certificate is valid now' }]),
    ...(maxRedirects === 5 ? [] : [{ condition: `maxRedirects ${maxRedirects}`, why: 'Argo follows up to 10 redirects', isRemark: maxRedirects > 5 }]),
  ];
}

function isWholeSeconds(ms: number | undefined): ms is number {
  return ms !== undefined && ms % 1000 === 0;
}

function isTemplate(value: string): boolean {
  return value.includes('{{');
}
