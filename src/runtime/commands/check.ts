import { Command } from './command';
import { RuntimeContext } from '../context';
import { Fault, FAULTS } from '../probing/rehearsal/faults';
import { httpMembers, RehearsedCheck, rehearseCheck } from '../probing/rehearsal/rehearse-check';
import { DELIVERY, unlessEjected } from '../reporting/command-line';
import { renderTable } from '../reporting/table';

export const check: Command = {
  name: 'check',
  summary: 'rehearse the health checks: which of them stay green when the service goes wrong; changes nothing',
  environment: 'optional',
  changes: false,
  options: {},
  examples: [`${DELIVERY} check`, `${DELIVERY} check production`],

  run: async (all, given) => {
    const environments = await Promise.all(all.map(rehearse));
    const { print } = all[0]!;
    print(given.json ? JSON.stringify(environments.map(environmentAsJson), null, 2) : `${environments.map(describe).join('\n\n')}\n\n${lastLine(environments)}`);
    return environments.every(isFine) ? 0 : 1;
  },
};

interface Rehearsed {
  readonly name: string;
  readonly checks: readonly RehearsedCheck[];
  readonly findings: readonly Finding[];
  /** What one check does not see and another one of the environment does. */
  readonly notes: readonly string[];
}

interface Finding {
  readonly check: string;
  readonly fault: Fault;
  readonly fix: string;
}

/** A deployment waits for every check: one that identifies releases is enough. */
const SEEN_ONCE: readonly Fault[] = ['stale', 'another release'];

async function rehearse(context: RuntimeContext): Promise<Rehearsed> {
  const { environment: { healthChecks, name, watchChecks = [] } } = context;
  const checks = await Promise.all([...healthChecks, ...watchChecks].map((one) => rehearseCheck(one, context)));
  const green = checks.flatMap((one) => FAULTS.filter((fault) => staysGreen(one, fault)).map((fault) => ({ one, fault })));
  const identifying = checks.slice(0, healthChecks.length).find(({ seen }) => seen !== undefined && SEEN_ONCE.every((fault) => seen[fault].outcome !== 'healthy'));
  const isNoted = ({ fault }: { fault: Fault }) => identifying !== undefined && SEEN_ONCE.includes(fault);
  return {
    name,
    checks,
    findings: green.filter((each) => !isNoted(each)).map(({ one, fault }) => ({ check: one.check.name, fault, fix: fixOf(one, fault) })),
    notes: [...new Set(green.filter(isNoted).map(({ one }) => `${one.check.name} does not see which release responds; ${identifying!.check.name} does.`))],
  };
}

function staysGreen({ seen }: RehearsedCheck, fault: Fault): boolean {
  return seen?.[fault].outcome === 'healthy';
}

function fixOf({ check: { kind, ...rest } }: RehearsedCheck, fault: Fault): string {
  const pattern = kind === 'http' ? httpMembers({ kind, ...rest } as RehearsedCheck['check'])[0].bodyPattern : undefined;
  switch (fault) {
    case 'stale':
    case 'another release': return 'it has no release identity. Set `release`, for example to ReleaseIdentity.json(\'version\').';
    case 'status 500': return 'it accepts status 500. Set `status` or `statusRanges` to what only a healthy service sends.';
    case 'error page': return pattern === undefined
      ? 'it has no condition on the response but the status. Set `json`, `headers`, `bodyPattern` or `release`.'
      : `its body pattern /${pattern}/ fits an error page, too. Choose one that only the service's own response fits, or set \`json\`.`;
    case 'slow':
    case 'truncated': return 'another member of its group stays healthy.';
  }
}

function isFine({ checks, findings }: Rehearsed): boolean {
  return findings.length === 0 && !checks.some(({ isUnhealthy }) => isUnhealthy);
}

function describe({ name, checks, findings, notes }: Rehearsed): string {
  const tried = checks.filter(({ seen }) => seen);
  const rows = tried.map((one) => [one.check.name, ...FAULTS.map((fault) => (staysGreen(one, fault) ? 'STAYS GREEN' : one.seen![fault].outcome))]);
  const table = rows.length > 0 ? [renderTable(['check', ...FAULTS], rows), ''] : [];
  return [
    `${name}: ${tried.length} of ${checks.length} health checks rehearsed`,
    ...table,
    ...checks.filter(({ notRehearsed }) => notRehearsed).map((one) => `not rehearsed: ${one.check.name} (${one.check.kind}): ${one.notRehearsed}.`),
    ...notes.map((note) => `note: ${note}`),
    ...findings.map(({ check: one, fault, fix }) => `stays green: ${one}, ${fault}: ${fix}`),
  ].join('\n').trimEnd();
}

function lastLine(environments: readonly Rehearsed[]): string {
  const weak = environments.filter(({ findings }) => findings.length > 0).map(({ name }) => name);
  const ill = environments.filter(({ checks }) => checks.some(({ isUnhealthy }) => isUnhealthy)).map(({ name }) => name);
  if (ill.length > 0) {
    const failing = environments.flatMap(({ checks }) => checks).filter(({ isUnhealthy }) => isUnhealthy).map(({ check: one }) => withUrl(one));
    return `Next: run this again when ${ill.join(', ')} is healthy${weak.length > 0 ? `, and change the checks of ${weak.join(', ')} that stay green` : ''}.`
      + ` If it is healthy, the check or its URL is wrong: ${failing.join(', ')}.`;
  }
  if (weak.length > 0) return `Next: change the checks of ${weak.join(', ')} that stay green ${unlessEjected('in .projenrc, run npx projen,', 'in .projen/delivery.json')} and run this again.`;
  const untried = environments.flatMap(({ checks }) => checks).filter(({ seen }) => !seen).length;
  return untried > 0 ? `Nothing stays green. Next: try the ${untried} not rehearsed by hand, as described above.` : 'Nothing stays green: each check fails in each of these ways. Nothing to do.';
}

function withUrl(one: RehearsedCheck['check']): string {
  return one.kind === 'http' ? `${one.name} (${one.url})` : one.name;
}

function environmentAsJson({ name, checks, findings }: Rehearsed): unknown {
  return { environment: name, checks: checks.map(checkAsJson), findings };
}

function checkAsJson({ check: { name, kind }, notRehearsed, seen }: RehearsedCheck): unknown {
  const faults = seen && Object.fromEntries(FAULTS.map((fault) => [fault, { outcome: seen[fault].outcome, saw: seen[fault].saw }]));
  return { name, kind, notRehearsed, faults };
}
