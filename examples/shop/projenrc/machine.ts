import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the shop of an environment runs. Other ports and another folder: edit machines.json. */
export interface Machine {
  /** Users reach the shop here. */
  readonly url: string;
  /** Serves the slot that was shipped to last. */
  readonly candidateUrl: string;
  /** What the tasks need to know of the machine. */
  readonly variables: Record<string, string>;
}

interface MachineEntry {
  /** State, slots and logs; a relative path lies in the user's home folder. */
  readonly home: string;
  readonly port: number;
  readonly candidatePort: number;
}

const machines = JSON.parse(readFileSync(join(__dirname, 'machines.json'), 'utf8')) as Record<string, MachineEntry>;

export function machineOf(environment: string): Machine {
  const { home, port, candidatePort } = machines[environment];
  return {
    url: `http://127.0.0.1:${port}`,
    candidateUrl: `http://127.0.0.1:${candidatePort}`,
    variables: { SHOP_HOME: home, SHOP_PORT: String(port), SHOP_CANDIDATE_PORT: String(candidatePort) },
  };
}
