import { Command } from './command';
import { formatDuration } from '../../contract/duration-text';
import { EnvironmentManifest } from '../../contract/manifest';
import { DELIVERY } from '../reporting/command-line';
import { describeTrigger } from '../reporting/report';
import { renderTable } from '../reporting/table';

export const config: Command = {
  name: 'config',
  summary: 'show the configuration of the environments (names of secrets, never their values)',
  environment: 'optional',
  changes: false,
  readsNoRecords: true,
  options: {},
  examples: [`${DELIVERY} config`, `${DELIVERY} config production --json`],

  run: async (all, given) => {
    const environments = all.map(({ environment }) => environment);
    const { print } = all[0]!;
    print(given.json ? JSON.stringify(environments, null, 2) : environments.map(describe).join('\n\n'));
    return 0;
  },
};

function describe(environment: EnvironmentManifest): string {
  const { strategy } = environment;
  const rows: [string, string][] = [
    ['url', environment.url],
    ['trigger', describeTrigger(environment.trigger)],
    ['strategy', `${strategy.kind}, bake ${formatDuration(strategy.bakeMs, 'exact')}, command timeout ${formatDuration(strategy.commandTimeoutMs, 'exact')}`],
    ...environment.healthChecks.map((check): [string, string] => ['health check', `${check.name}: ${check.url} every ${formatDuration(check.intervalMs, 'exact')}`]),
    ...Object.entries(environment.variables).map(([name, value]): [string, string] => ['variable', `${name}=${value}`]),
    ...environment.secrets.map((name): [string, string] => ['secret', name]),
  ];
  return `${environment.name}\n${renderTable([], rows)}`;
}
