import { formatDuration } from '../../contract/duration-text';
import { AddressManifest, HealthCheckManifest, HttpCheckManifest, StatusRange } from '../../contract/manifest';

/** What a check expects, for people: `a status of 200 to 299, and "ok" as status of the JSON body`. */
export function expectationOf(check: HealthCheckManifest): string {
  switch (check.kind) {
    case 'http': return listed(responseOf(check));
    case 'tcp': return `a connection to ${addressOf(check.address)}${check.expect === undefined ? '' : `, and a response that matches /${check.expect}/`}`;
    case 'command': return `exit code 0${check.output === undefined ? '' : `, and output that matches /${check.output}/`}`;
    case 'prometheus': return `each series of ${check.query} to be ${check.operator} ${check.value}`;
    case 'dns': return `${check.type} records of ${check.host}${check.records.length > 0 ? `: ${check.records.join(', ')}` : ''}`;
    case 'certificate': return `certificates at ${addressOf(check.address)} that are valid for more than ${formatDuration(check.validForMs)}`;
    case 'cloudWatchAlarm': return `the alarm ${check.alarm} not to be in ALARM`;
    case 'allOf':
    case 'anyOf': return `${check.kind === 'allOf' ? 'all' : 'any'} of: ${check.checks.map((one) => `${one.name} (${expectationOf(one)})`).join('; ')}`;
  }
}

function responseOf({ bodyPattern, certificateExpiryMs, headers, json, maxLatencyMs, release, status }: HttpCheckManifest): string[] {
  return [
    `a status of ${status.map(rangeOf).join(' or ')}`,
    ...(maxLatencyMs === undefined ? [] : [`a response within ${formatDuration(maxLatencyMs)}`]),
    ...(certificateExpiryMs === undefined ? [] : [`a certificate that is valid for more than ${formatDuration(certificateExpiryMs)}`]),
    ...headers.map(({ name, pattern }) => `a header ${name} that matches /${pattern}/`),
    ...(bodyPattern === undefined ? [] : [`a body that matches /${bodyPattern}/`]),
    ...json.map(({ equals, path }) => `${JSON.stringify(equals)} as ${path} of the JSON body`),
    ...(release === undefined ? [] : [release.kind === 'header' ? `the release in the header ${release.name}` : `the release as ${release.path} of the JSON body`]),
  ];
}

function rangeOf({ first, last }: StatusRange): string {
  return first === last ? `${first}` : `${first} to ${last}`;
}

function addressOf({ host, port }: AddressManifest): string {
  return `${host}:${port}`;
}

function listed(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')}, and ${parts.at(-1)}`;
}
