import { Command } from './command';
import { EnvironmentManifest } from '../../contract/manifest';
import { DELIVERY } from '../reporting/ejected';
import { renderTable } from '../reporting/table';
import { describeTrigger } from '../reporting/wording';

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
    ['strategy', `${strategy.kind}, bake ${strategy.bakeMs / 1000} s, command timeout ${strategy.commandTimeoutMs / 1000} s`],
    ...environment.healthChecks.map((check): [string, string] => ['health check', `${check.name}: ${check.url} every ${check.intervalMs / 1000} s`]),
    ...Object.entries(environment.variables).map(([name, value]): [string, string] => ['variable', `${name}=${value}`]),
    ...environment.secrets.map((name): [string, string] => ['secret', name]),
  ];
  return `${environment.name}\n${renderTable([], rows)}`;
}
