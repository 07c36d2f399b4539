import { shellWord } from './shell-word';

/** The exact line for a person to run. From a laptop it starts rollback.yml, where the ledger is the CI's. */
export function commandLine(command: string, environment: string, options: Record<string, string> = {}): string {
  const spelled = Object.entries(options).map(([name, value]) => ` --${name} ${shellWord(value)}`);
  return `npx projen delivery ${command} ${shellWord(environment)}${spelled.join('')}`;
}
